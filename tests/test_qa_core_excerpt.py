"""Excerpts: what a person is shown around a span."""

from __future__ import annotations

from qa_core.excerpt import ExcerptSettings, grow
from qa_core.types import Manual, Passage, Section, Span

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
STEPS = "To reset the unit:\n1. Switch it off.\n2. Hold SET.\n  - Wait for the beep.\n3. Release SET.\nDone."
ROWS = "Codes are shown on the panel.\nCode: E-4 | Meaning: Jam\nCode: E-5 | Meaning: Door open"
PROSE = "One two three. Four five six. Seven eight nine. Ten eleven twelve."


def shown(text: str, span: str, within: str | None = None, **settings: int) -> str:
    within = within or text
    start = text.index(within)
    passage = Passage("p", MANUAL, Section(("A",), text), start, start + len(within))
    at = within.index(span)
    excerpt = grow(passage, Span(at, at + len(span), 1.0), ExcerptSettings(**{"enough": 1, **settings}))
    return text[excerpt.start : excerpt.end]


def test_a_span_grows_to_its_whole_sentence() -> None:
    assert shown(PROSE, "five") == "Four five six."


def test_a_span_over_two_sentences_shows_both() -> None:
    assert shown(PROSE, "six. Seven") == "Four five six. Seven eight nine."


def test_a_span_in_a_step_shows_the_whole_list_and_what_leads_to_it() -> None:
    assert shown(STEPS, "Hold SET") == STEPS.removesuffix("\nDone.")


def test_a_list_is_shown_whole_even_where_the_passage_cuts_it() -> None:
    assert shown(STEPS, "Hold SET", within="2. Hold SET.") == STEPS.removesuffix("\nDone.")


def test_a_table_row_is_shown_alone() -> None:
    assert shown(ROWS, "Jam") == "Code: E-4 | Meaning: Jam"


def test_a_short_excerpt_grows_by_what_follows_first() -> None:
    assert shown(PROSE, "five", enough=6, at_most=6) == "Four five six. Seven eight nine."


def test_a_short_excerpt_at_the_end_grows_by_what_precedes() -> None:
    assert shown(PROSE, "eleven", enough=6, at_most=6) == "Seven eight nine. Ten eleven twelve."


def test_growing_stays_within_the_passage() -> None:
    assert shown(PROSE, "five", within="Four five six.", enough=50, at_most=50) == "Four five six."


def test_a_neighbour_that_would_make_it_too_long_is_left_out() -> None:
    assert shown(PROSE, "five", enough=6, at_most=5) == "Four five six."
