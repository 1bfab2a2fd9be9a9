"""Forgets a person: all that they said and asked, and what was made of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from qa_core.answers import Answers
from qa_core.errors import DataError
from qa_core.forgotten import ForgottenQuestions
from qa_core.store import AT_ONCE, Store
from training.feedback.gone_answers import forget_what_is_gone, questions_voted_on
from training.feedback.masking import mask
from training.retraining.job_folder import REPORT, JobFolder
from training.votes import Votes

log = logging.getLogger(__name__)

FORGOTTEN = "[forgotten]"  # in a report, in place of a question


@dataclass(frozen=True, slots=True)
class Deleted:
    """How much there was of a person."""

    n_questions: int
    n_votes: int  # and corrections


def forget_person(store: Store, person: str) -> Deleted:
    """Delete a person's votes, corrections and questions, and what triplets and data sets hold of them.

    What others ask in the very same words stays, where somebody voted on it. Releases remember the others no
    more; reports are `redact_reports`'s. It goes in steps, between which others write; where it is killed
    or fails on the way, what is left goes when it is called again.
    """
    n_votes, n_questions = Votes(store).forget(person), 0
    while n_gone := _forget_some_questions(store, person):
        n_questions += n_gone
        store.give_way()
    forget_what_is_gone(store)
    with store.transaction() as db:
        # All are derived again: others may ask what was forgotten.
        db.execute("DELETE FROM triplet_state")
    return Deleted(n_questions, n_votes)


def _forget_some_questions(store: Store, person: str) -> int:
    """Delete some hundred questions with their answers; returns how many there were."""
    with store.transaction():
        questions = Answers(store).forget(person, AT_ONCE)
        asked = set(map(mask, questions))
        ForgottenQuestions(store).add(asked - questions_voted_on(store, asked))
    return len(questions)


def redact_reports(home: Path, store: Store) -> None:
    """Take forgotten questions out of the reports of all retrainings."""
    for path in sorted((home / "jobs").glob(f"*/{REPORT}")):
        try:
            redact_report(JobFolder(path.parent), store)
        except DataError as error:
            log.warning("What was forgotten may be left in a report: %s", error)


def redact_report(folder: JobFolder, store: Store) -> None:
    """Take forgotten questions out of a job's report. Raises DataError if it cannot be read.

    One at a time: who read the report before another's question was taken out would write it back.
    """
    with store.transaction():
        report = folder.read("report")
        forgotten = ForgottenQuestions(store).among(each["question"] for each in report["changed"])
        for each in report["changed"]:
            if each["question"] in forgotten:
                each["question"] = FORGOTTEN
        if forgotten:
            folder.write("report", report)
