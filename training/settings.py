"""The settings of learning from votes: the only module of this package that reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qa_core.settings import absolute_path, read_environment, read_setting, whole_number
from training.feedback.triplet import Rules

APPROVALS = ("admins", "all")


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """When a release is retrained, and on what."""

    # MANUALBOT_APPROVAL, MANUALBOT_MIN_VOTERS, MANUALBOT_VOTES_PER_PERSON (a week)
    rules: Rules = field(default_factory=Rules)
    questions: Path | None = None  # MANUALBOT_QUESTIONS: the admin's own regression set
    schedule: str | None = None  # MANUALBOT_RETRAIN_AT: a cron expression
    after_triplets: int | None = None  # MANUALBOT_RETRAIN_AFTER: so many new approved triplets

    @classmethod
    def load(
        cls, env: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")
    ) -> TrainingSettings:
        """The settings from `env` (the process's by default), filled up from the file `dotenv`.

        Raises SettingsError for a value that cannot be used.
        """
        values = read_environment(env, dotenv)
        default = Rules()
        return cls(
            rules=Rules(
                min_voters=read_setting(values, "MANUALBOT_MIN_VOTERS", whole_number, default.min_voters),
                cap_per_person=read_setting(
                    values, "MANUALBOT_VOTES_PER_PERSON", whole_number, default.cap_per_person
                ),
                approve_all=read_setting(values, "MANUALBOT_APPROVAL", _approval, default.approve_all),
            ),
            questions=read_setting(values, "MANUALBOT_QUESTIONS", _file, None),
            schedule=read_setting(values, "MANUALBOT_RETRAIN_AT", _cron, None),
            after_triplets=read_setting(values, "MANUALBOT_RETRAIN_AFTER", whole_number, None),
        )


def _approval(text: str) -> bool:
    if text.lower() not in APPROVALS:
        raise ValueError("admins (they approve each triplet) or all (every triplet is approved)")
    return text.lower() == "all"


def _file(text: str) -> Path:
    path = absolute_path(text)
    if not path.is_file():
        raise ValueError("a file of questions, one JSON object a line")
    return path


def _cron(text: str) -> str:
    if len(text.split()) != 5:
        raise ValueError("a cron expression of five fields, such as `0 3 * * sun`")
    return text
