"""What is shown whole or not at all."""

from __future__ import annotations

import time

from qa_core.excerpt_blocks import blocks_of
from qa_core.types import Manual, Passage, Section

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
STEPS = "To reset the unit:\n1. Switch it off.\n2. Hold SET.\n  - Wait for the beep.\n3. Release SET.\nDone."
LIST = STEPS.removesuffix("\nDone.")
ROWS = "Codes are shown on the panel.\nCode: E-4 | Meaning: Jam\nCode: E-5 | Meaning: Door open"
PROSE = "One two three. Four five six. Seven eight nine. Ten eleven twelve."


def blocks(text: str, within: str | None = None, max_words: int = 85) -> list[str]:
    within = within or text
    start = text.index(within)
    passage = Passage("p", MANUAL, Section(("A",), text), start, start + len(within))
    return [text[b.start : b.end] for b in blocks_of(passage, max_words)]


def test_a_sentence_and_a_row_are_blocks_of_their_own() -> None:
    assert blocks(PROSE) == ["One two three.", "Four five six.", "Seven eight nine.", "Ten eleven twelve."]
    assert blocks(ROWS) == ROWS.split("\n")


def test_steps_are_one_block_with_their_details_and_what_leads_to_them() -> None:
    assert blocks(STEPS) == [LIST, "Done."]


def test_a_list_of_steps_is_whole_even_where_the_passage_cuts_it_or_it_is_long() -> None:
    assert blocks(STEPS, within="2. Hold SET.") == [LIST]
    assert blocks(STEPS, max_words=5) == [LIST, "Done."]


def test_of_a_long_procedure_each_step_with_its_details_is_a_block() -> None:
    words = " ".join(["word"] * 30)
    items = [f"{number}. Step {words}.\n  - Detail {words}." for number in range(1, 5)]
    assert blocks("To do it all:\n" + "\n".join(items)) == [
        f"To do it all:\n{items[0]}",
        *items[1:],
    ]
    assert blocks("To do it:\n" + "\n".join(items[:2])) == ["To do it:\n" + "\n".join(items[:2])]
    long = " ".join(["word"] * 100)
    assert blocks(f"1. Step {long}.\n  - Detail {long}.") == [f"1. Step {long}.", f"- Detail {long}."]


def test_clauses_are_one_block_unless_they_are_too_many() -> None:
    clauses = [f"3.{number}. It is long. It is said so. It is so." for number in range(1, 9)]
    assert blocks("\n".join(clauses), max_words=10) == clauses
    assert blocks("\n".join(clauses[:2]), max_words=30) == ["\n".join(clauses[:2])]
    steps = "1. Open it:\n  1.1. Lift the lid.\n  1.2. Turn it.\n2. Close it."
    assert blocks(steps, max_words=5) == [steps]


def test_bullets_are_one_block_unless_they_are_too_many() -> None:
    text = "Choose from:\n- red paint\n- blue paint"
    assert blocks(text) == [text]
    assert blocks(text, max_words=4) == text.split("\n")


def test_blocks_of_a_section_with_eight_times_the_bullets_cost_about_eight_times_as_much() -> None:
    def cost_s(n_bullets: int, word: str) -> float:
        text = "\n".join(f"- {word} {n:04}: what it is." for n in range(n_bullets))
        passage = Passage("p", MANUAL, Section(("A",), text), 0, 10 * len("- a 0000: what it is.\n"))
        began = time.thread_time()
        assert len(blocks_of(passage, 85)) == 10
        return time.thread_time() - began

    few, many = (min(cost_s(n, word) for word in "abc") for n in (200, 1600))
    assert many < 24 * few  # 64 times where each bullet looks at all of them
