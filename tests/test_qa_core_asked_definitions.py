"""Questions about what something is."""

from __future__ import annotations

import pytest

from qa_core.asked.definitions import asks_for_its_definition
from qa_core.types import Manual, Passage, Section

MANUAL = Manual("m", "/manuals", "g.md", "Glossary of the Velora lathe", "Velora lathe", None, None, "d")
TEXT = "Term: SBR | Notes: Spindle brake relay\n- Jog: Moving an axis by hand."


def passage(heading: str = "Backlash", text: str = TEXT) -> Passage:
    return Passage("p", MANUAL, Section(("Glossary", heading), text), 0, len(text))


@pytest.mark.parametrize(
    "question",
    [
        "what is backlash",
        "What is the backlash of the Velora lathe?",
        "what does SBR stand for",
        "What's a jog?",
        "meaning of SBR",
        "SBR stands for",
        "SBR meaning?",
        "the backlash means what",
        "What does backlash mean??",
    ],
)
def test_a_heading_or_an_entry_is_asked_for(question: str) -> None:
    assert asks_for_its_definition(question, passage())


@pytest.mark.parametrize(
    "question",
    [
        "what is the backlash limit",
        "how much backlash is allowed",
        "what is it",
        "what is a brake relay",
        "what is a spindle brake relay for",
        "backlash",
        "which part SBR stands for",
    ],
)
def test_what_asks_for_more_is_not(question: str) -> None:
    assert not asks_for_its_definition(question, passage())


def test_the_manual_s_title_defines_nothing() -> None:
    titled = Passage("p", MANUAL, Section((MANUAL.title,), "Made in Velor."), 0, 14)
    assert not asks_for_its_definition("what is the Velora lathe", titled)
