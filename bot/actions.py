"""The ids by which Slack names our buttons, modals and shortcuts. Posted messages keep them for ever."""

from __future__ import annotations

COMMAND = "/manual"
SHORTCUT_ANSWER = "answer_from_manuals"  # callback id of the message shortcut
METADATA_EVENT = "manualbot_answer"  # event type in the metadata of a posted answer

# Buttons of an answer. Each button's value is the answer's id.
ACTION_MORE = "answer_more"
ACTION_PERSON = "answer_person"
ACTION_SHARE = "answer_share"
ACTION_CORRECT = "answer_correct"
ACTION_PRODUCT = "answer_product"  # followed by a number; value: see bot/views/blocks.py
ACTION_FEEDBACK = "answer_feedback"  # the native pair; its value is one of the two below
FEEDBACK_UP = "up"  # followed by a colon and the answer's id
FEEDBACK_DOWN = "down"
ACTION_VOTE_UP = "answer_vote_up"  # the same in a modal, where Slack has no native pair
ACTION_VOTE_DOWN = "answer_vote_down"

ACTION_RESOLVED = "thread_resolved"  # value: JSON, see bot/views/person.py
ACTION_FILE = "file_describe"  # value: JSON, see bot/views/file.py

# Buttons of the lists that administrators see.
ACTION_SOURCES_REFRESH = "sources_refresh"
ACTION_SOURCE_REMOVE = "source_remove"

# Retraining: the first is App Home's, the second the progress message's; its value is the job's id.
ACTION_RETRAIN = "retrain_start"
ACTION_RETRAIN_CANCEL = "retrain_cancel"

# The triplets that wait, in App Home; what a value holds is read by bot/views/triage.py.
ACTION_TRIPLET_APPROVE = "triplet_approve"
ACTION_TRIPLET_EDIT = "triplet_edit"
ACTION_TRIPLET_PICK = "triplet_pick"
ACTION_TRIPLET_REJECT = "triplet_reject"
ACTION_TRIPLETS_APPROVE = "triplets_approve"
ACTION_TRIAGE_NEXT = "triage_next"  # value of both: a page, from 0
ACTION_TRIAGE_PREVIOUS = "triage_previous"

VIEW_ANSWER = "answer"
VIEW_MORE = "more_passages"
VIEW_CORRECTION = "correction"
VIEW_NEAREST = "correction_nearest"
VIEW_CONFIG = "channel_config"
VIEW_FILE = "file_details"
VIEW_TRIPLET = "triplet"
VIEW_TOLD = "told"
