"""Sections that say nothing themselves."""

from __future__ import annotations

import pytest

from qa_core.lead_ins import asks_what_manual_is_for, is_title_page, only_leads_in
from qa_core.types import Manual, Passage, Section

KILNS = Manual("m", "/manuals", "lk.pdf", "Orvane LK kilns", "kilns", None, None, "d")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("where:", True),
        ("The options can be one of:", True),
        ("Or a variation like…", True),
        ("To be told...", True),
        ("Next Previous Contents", True),
        ("Next | Back to top", True),
        ("2 years.", False),
        ("Yes.", False),
        ("Home", False),
        ("Switch it off. Then press:", False),
        ("The options are:\n- Paper\n- Felt", False),
        ("Fill the tank up to the upper mark with cold water and then add one of these two agents:", False),
        ("", False),
    ],
)
def test_one_open_sentence_or_links_alone_only_lead_in(text: str, is_one: bool) -> None:
    assert only_leads_in(Section(("Filters",), text)) is is_one


@pytest.mark.parametrize(
    ("heading", "text", "is_one"),
    [
        (("Orvane LK series kilns",), "Operating instructions for models LK 4 and LK 8", True),
        (("Orvane LK series kilns",), "LK 4, LK 8 and LK 8 Pro", True),  # the models alone
        (("Orvane LK series kilns",), "Installation manual\nVersion 3\nEnglish", True),
        (("Orvane LK series kilns",), "The LK 4 is a kiln for schools.", False),  # a sentence
        (("Orvane LK series kilns",), "Kilns for schools. Operating manual, version 2.", True),
        (("Orvane LK series kilns",), "Keep this manual. " + "Let it cool before you open it. " * 4, False),
        (("Orvane LK series kilns",), "Volume | LK 4: 40 l | LK 8: 80 l", False),
        (("Orvane LK series kilns",), "- for the LK 4\n- for the LK 8", False),
        (("Orvane LK series kilns",), "Weight: 80 kg with the stand of the LK 8", False),
        (("Orvane LK series kilns",), "20 litres", False),  # names nothing
        (("Orvane LK series kilns", "Firing"), "LK 4 and LK 8", False),
        (("Safety",), "LK 4 and LK 8", False),
        (("Resetting the LK kilns",), "Menu > Orvane LK > Reset", False),  # begins otherwise
    ],
)
def test_a_title_page_says_what_a_manual_is_called(heading: tuple[str, ...], text: str, is_one: bool) -> None:
    page = Passage("p", KILNS, Section(heading, text), 0, len(text))
    assert is_title_page(page) is is_one


def test_a_title_page_answers_what_a_manual_is_for() -> None:
    assert asks_what_manual_is_for("Which models does it cover?")
    assert not asks_what_manual_is_for("How do I fire the LK 4?")
