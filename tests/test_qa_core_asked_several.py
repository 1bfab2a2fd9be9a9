"""Several questions in one message."""

from __future__ import annotations

import pytest
from fakes_bot import answer, declined

from qa_core.asked.several import left_open, questions_in


@pytest.mark.parametrize(
    ("message", "questions"),
    [
        ("How do I descale it and what does E5 mean?", ("How do I descale it", "what does E5 mean?")),
        ("how do I descale it and what does e5 mean", ("how do I descale it", "what does e5 mean")),
        (
            "What's the fuse? And the torque of the screws?",
            ("What's the fuse?", "And the torque of the screws?"),
        ),
        ("It beeps. Where is the manual of the pump?", ("Where is the manual of the pump?",)),
        ("How do they get the sheet out? Thanks!", ("How do they get the sheet out?",)),
        ("What does E5 mean? Is that normal? Can they ignore it?", ("What does E5 mean?",)),
        ("how do I descale the pump and how often", ("how do I descale the pump",)),  # of one subject
        ("where is the filter and how do I clean it", ("where is the filter",)),
    ],
)
def test_questions_are_those_that_can_be_asked_alone(message: str, questions: tuple[str, ...]) -> None:
    assert questions_in(message) == questions


@pytest.mark.parametrize(
    "message", ["how do I know when and how to clean the filter", "clean the filter", "??", ""]
)
def test_a_message_may_be_one_question(message: str) -> None:
    assert questions_in(message) == (message,)


def test_the_questions_whose_words_are_not_shown_are_left_open() -> None:
    several = "When should the Meridio be descaled and what does E5 mean?"
    assert left_open(answer(question=several)) == ("what does E5 mean?",)
    assert left_open(answer("one tablet", "Put in one tablet.", question=several)) == ("what does E5 mean?",)
    both = "When should the Meridio be descaled? How many cups until descaling the machine?"
    assert left_open(answer(question=both)) == ()


def test_where_nothing_is_answered_all_of_several_are_left_open() -> None:
    assert left_open(declined("Who made the pump? Where is the fuse kept?")) == (
        "Who made the pump?",
        "Where is the fuse kept?",
    )
    assert left_open(declined("Who made it?")) == ()
