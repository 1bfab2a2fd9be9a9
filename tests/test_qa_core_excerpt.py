"""Excerpts: what a person is shown around a span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.excerpt import DEFAULT_EXCERPT, ExcerptSettings, choose_excerpt, evidence, show
from qa_core.excerpt_blocks import blocks_of
from qa_core.types import Hit, KnownAnswer, Manual, Passage, Reading, Section, Span

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")
TABLE = "Codes are shown on the panel." + "".join(f"\nCode: E-{n} | Meaning: Fault {n}" for n in range(1, 5))
PROSE = "One two three. Four five six. Seven eight nine. Ten eleven twelve."


def reading(text: str, *spans: str, within: str | None = None) -> Reading:
    within = within or text
    start = text.index(within)
    passage = Passage("p", MANUAL, Section(("A",), text), start, start + len(within))
    found = [Span(within.index(s), within.index(s) + len(s), -float(i)) for i, s in enumerate(spans)]
    return Reading(Hit(passage, 1.0, 0.5, 0.5), tuple(found), 0.0)


def shown(
    found: Reading, strength: Sequence[float], max_words: int = 85, floor: float = 0.0
) -> tuple[str, str]:
    """The span and the excerpt."""
    settings, blocks = ExcerptSettings(max_words, floor), blocks_of(found.hit.passage, max_words)
    chosen = choose_excerpt(found, blocks, np.array(strength), settings)
    passage, span, excerpt = found.hit.passage, chosen.span, chosen.excerpt
    return passage.text[span.start : span.end], passage.section.text[excerpt.start : excerpt.end]


def test_what_people_found_right_is_whole_however_little_is_shown_otherwise() -> None:
    found = reading(PROSE, "five")
    words = "Four five six. Seven eight nine. Ten eleven twelve."
    at = PROSE.index(words)
    knowing = replace(found, hit=replace(found.hit, known=KnownAnswer(at, at + len(words), 1.0)))
    strength = [0.1, 9.0, 9.0, 9.0]
    assert shown(knowing, strength, max_words=3, floor=0.15)[1] == words
    assert shown(found, strength, max_words=3, floor=0.15)[1] == "Four five six."


def test_the_run_with_the_most_evidence_is_shown() -> None:
    found = reading(PROSE, "five")
    assert shown(found, [0.0, 1.0, 0.0, -1.0]) == ("five", "Four five six.")
    assert shown(found, [-1.0, 1.0, 0.5, -1.0]) == ("five", "Four five six. Seven eight nine.")


def test_evidence_below_the_floor_makes_a_run_worse() -> None:
    assert (
        shown(reading(PROSE, "five"), [0.1, 1.0, 0.2, 0.1], floor=0.15)[1]
        == "Four five six. Seven eight nine."
    )


@pytest.mark.parametrize(
    ("strength", "expected"),
    [(1.0, ("Seven eight nine.", "Seven eight nine.")), (0.0, ("five", "Four five six. Seven eight nine."))],
)
def test_what_people_found_right_is_shown_though_the_reader_finds_something_else(
    strength: float, expected: tuple[str, str]
) -> None:
    found = reading(PROSE, "five")
    at = PROSE.index("Seven")
    known = KnownAnswer(at, at + len("Seven eight nine."), strength)
    knowing = replace(found, hit=replace(found.hit, known=known))
    similarities = np.array([0.1, 0.6, 0.3, 0.1])
    settings = DEFAULT_EXCERPT
    blocks = blocks_of(found.hit.passage, settings.max_words)
    values = evidence("How many?", knowing, blocks, similarities, settings)
    assert shown(knowing, values.tolist(), floor=0.15) == expected


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        ((0.5, 0.4, 2.0, 1.0, 0.4), "Code: E-2 | Meaning: Fault 2"),
        ((0.5, 0.4, 2.0, 1.8, 0.4), "Code: E-2 | Meaning: Fault 2\nCode: E-3 | Meaning: Fault 3"),
        ((1.0, 2.0, 0.4, 0.4, 0.4), "Codes are shown on the panel.\nCode: E-1 | Meaning: Fault 1"),
    ],
)
def test_rows_well_behind_the_best_one_are_not_shown_beside_it(
    strength: Sequence[float], expected: str
) -> None:
    assert shown(reading(TABLE, "Fault 1", "Fault 2"), strength, floor=0.15)[1] == expected


@pytest.mark.parametrize(
    ("strength", "span", "excerpt"),
    [
        ((0.1, 0.1, 2.0, 0.4, 0.1), "Fault 2", "Code: E-2 | Meaning: Fault 2"),
        ((0.1, 0.1, 0.4, 2.0, 0.1), "Fault 3", "Code: E-3 | Meaning: Fault 3"),
        (
            (0.1, 0.1, 2.0, 1.9, 0.1),
            "Fault 2",
            "Code: E-2 | Meaning: Fault 2\nCode: E-3 | Meaning: Fault 3",
        ),
    ],
)
def test_a_span_does_not_reach_from_half_of_a_row_into_the_next(
    strength: Sequence[float], span: str, excerpt: str
) -> None:
    assert shown(reading(TABLE, "Fault 2\nCode: E-3"), strength, floor=0.15) == (span, excerpt)


def test_a_span_does_not_reach_from_a_sentence_into_half_of_a_row() -> None:
    found = reading(TABLE, "shown on the panel.\nCode: E-1")
    assert shown(found, (2.0, 1.9, 0.1, 0.1, 0.1))[0] == "shown on the panel."


def test_rows_that_go_with_a_sentence_are_shown_as_sentences_are() -> None:
    found = reading(TABLE, "panel")
    assert shown(found, (2.0, 1.0, 1.0, 1.0, 1.0), floor=0.15)[1] == TABLE


def test_a_known_answer_that_goes_on_beyond_the_passage_ends_with_it() -> None:
    found = reading(PROSE, "five", within="Four five six. Seven eight")
    knowing = replace(found, hit=replace(found.hit, known=KnownAnswer(15, 32, 1.0)))
    assert shown(knowing, [-1.0, 1.0]) == ("Seven eight", "Seven eight")


def test_a_run_without_a_span_is_not_shown() -> None:
    assert shown(reading(PROSE, "five"), [0.0, 0.1, -1.0, 1.0]) == ("five", "Four five six.")


def test_the_span_is_the_best_one_inside_the_excerpt() -> None:
    found = reading(PROSE, "two", "eleven", "five")
    assert shown(found, [-2.0, 0.1, -1.0, 1.0]) == ("eleven", "Ten eleven twelve.")


def test_a_run_is_not_longer_than_allowed() -> None:
    assert (
        shown(reading(PROSE, "five"), [0.5, 1.0, 0.6, 0.5], max_words=6)[1]
        == "Four five six. Seven eight nine."
    )


def test_a_span_over_more_than_a_run_may_hold_shows_all_that_it_touches() -> None:
    assert shown(reading(PROSE, "two three. Four five six. Seven"), [1.0] * 4, max_words=3)[1] == (
        "One two three. Four five six. Seven eight nine."
    )


def test_evidence_adds_shared_words_meaning_and_the_spans() -> None:
    found = reading("The lamp is green. Press the button.", "button")
    values = evidence(
        "Which button?",
        found,
        blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words),
        np.array([0.1, 0.2]),
        ExcerptSettings(span_weight=0.5),
    )
    assert values.tolist() == pytest.approx([0.1, 1.0 + 0.2 + 0.5])


@given(
    lines=st.lists(
        st.sampled_from(["One two. Three four.", "1. Do it.", "- item", "A | B", "Lead:"]), min_size=1
    ),
    at=st.floats(0, 1),
    max_words=st.integers(1, 30),
)
def test_what_is_shown_holds_the_span_and_begins_and_ends_with_a_block(
    lines: list[str], at: float, max_words: int
) -> None:
    text = "\n".join(lines)
    start = min(int(at * len(text)), len(text) - 1)
    start -= text[start].isspace()
    passage = Passage("p", MANUAL, Section(("A",), text), 0, len(text))
    found = Reading(Hit(passage, 1.0, 0.5, 0.5), (Span(start, start + 1, 0.0),), 0.0)
    settings = ExcerptSettings(max_words)
    parts = blocks_of(passage, settings.max_words)
    chosen = choose_excerpt(found, parts, np.ones(len(parts)), settings)
    assert chosen.excerpt.start <= chosen.span.start < chosen.span.end <= chosen.excerpt.end
    assert chosen.excerpt.start in {b.start for b in parts}
    assert chosen.excerpt.end in {b.end for b in parts}


@pytest.mark.parametrize(
    ("question", "span", "expected"),
    [
        ("E3 on the display", "Fault 2", ("Code: E-3 | Meaning: Fault 3", "Code: E-3 | Meaning: Fault 3")),
        ("E-03 on the display", "Fault 2\nCode: E-3 | Meaning: Fault 3", ("E-3 | Meaning: Fault 3",) * 2),
        ("the display", "Fault 2", ("Fault 2", "Code: E-2 | Meaning: Fault 2")),
    ],
)
def test_the_row_of_the_code_that_is_asked_about_is_shown_alone(
    question: str, span: str, expected: tuple[str, str]
) -> None:
    found = reading(TABLE, span)
    own = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    chosen = show(question, found, own, np.array([0.0, 0.0, 0.9, 0.1, 0.0]), DEFAULT_EXCERPT)
    span_text = TABLE[chosen.span.start : chosen.span.end]
    assert span_text.endswith(expected[0])
    assert TABLE[chosen.excerpt.start : chosen.excerpt.end].endswith(expected[1])
    assert "\n" not in TABLE[chosen.excerpt.start : chosen.excerpt.end]


TOLD = (
    "Code: F1 | Meaning: drum stuck\nCode: F2 | Meaning: no oil\nCode: F3 | Meaning: too cold\n\n"
    "F2 is reset by filling the tank and pressing Run twice. After F1 wait for ten minutes."
)
TOLD_WITH_REMEDY = (
    "Code: F1 | Cause: drum stuck | Remedy: Free the drum.\nCode: F2 | Cause: no oil | Remedy: Fill the tank."
    "\n\nWith F2 the machine runs on for a minute."
)


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        (TOLD, "how do I reset F2", "F2 is reset by filling the tank and pressing Run twice."),
        (TOLD, "what to do at F1", "After F1 wait for ten minutes."),
        (TOLD, "what does F2 mean", "Code: F2 | Meaning: no oil"),
        (TOLD, "error F1", "Code: F1 | Meaning: drum stuck"),
        (TOLD, "F2 no oil", "Code: F2 | Meaning: no oil"),
        (TOLD, "how do I reset F3", "Code: F3 | Meaning: too cold"),
        (TOLD_WITH_REMEDY, "what to do at F2", "Code: F2 | Cause: no oil | Remedy: Fill the tank."),
        (TOLD_WITH_REMEDY, "how do I clear F2", "Code: F2 | Cause: no oil | Remedy: Fill the tank."),
        (TOLD_WITH_REMEDY, "does it still run with F2", "With F2 the machine runs on for a minute."),
        (TOLD_WITH_REMEDY, "F2, does it stop", "With F2 the machine runs on for a minute."),
    ],
)
def test_of_a_code_what_is_told_beside_its_row_is_shown_where_more_is_asked_than_the_row_has(
    text: str, question: str, expected: str
) -> None:
    found = reading(text, "no oil")
    blocks = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    near = np.array([0.5 if block.is_row else 0.6 for block in blocks])
    excerpt = show(question, found, blocks, near, DEFAULT_EXCERPT).excerpt
    assert text[excerpt.start : excerpt.end].endswith(expected)


@pytest.mark.parametrize(
    ("question", "first"), [("does it stop at F2", "With"), ("F2", "Oil"), ("does it stop at F3", "Oil")]
)
def test_a_code_s_sentence_is_shown_where_its_row_lies_in_another_passage(question: str, first: str) -> None:
    sentences = "Oil it. With F2 it runs on."
    text = f"Code: F1 | Meaning: drum stuck\nCode: F2 | Meaning: no oil\n\n{sentences}"
    found = reading(text, "Oil it", within=sentences)
    blocks = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    excerpt = show(question, found, blocks, np.ones(len(blocks)), DEFAULT_EXCERPT).excerpt
    assert text[excerpt.start :].startswith(first)


def test_the_row_whose_range_has_the_asked_amount_is_marked_and_shown_alone() -> None:
    text = "Level: L1 | Hardness: 0 to 7\nLevel: L2 | Hardness: 8 to 14\nLevel: L3 | Hardness: over 14"
    found = reading(text, "0 to 7")
    own = blocks_of(found.hit.passage, DEFAULT_EXCERPT)
    chosen = show("level for 12 degrees of hardness", found, own, np.array([0.9, 0.1, 0.1]), DEFAULT_EXCERPT)
    for part in (chosen.span, chosen.excerpt):
        assert text[part.start : part.end] == "Level: L2 | Hardness: 8 to 14"


def test_a_model_that_leads_a_row_of_its_own_manual_is_no_code() -> None:
    found = reading("Model: V30 | Weight: 3 kg\nNoise | 40 dB", "40 dB")
    manual = replace(MANUAL, title="Volumat V30")
    titled = replace(found, hit=replace(found.hit, passage=replace(found.hit.passage, manual=manual)))
    own = blocks_of(titled.hit.passage, DEFAULT_EXCERPT.max_words)
    chosen = show("noise of the V30", titled, own, np.array([0.1, 0.9]), DEFAULT_EXCERPT)
    assert titled.hit.passage.text[chosen.excerpt.start : chosen.excerpt.end] == "Noise | 40 dB"


def test_the_cell_that_a_question_asks_for_is_marked_where_the_reader_takes_the_row_above() -> None:
    text = "Reach | Trollo T5: 3 m | Trollo T7: 4 m\nWeight | Trollo T5: 31 kg | Trollo T7: 34 kg"
    found, similarities = reading(text, "4 m", "31 kg"), np.array([0.5, 0.5])
    blocks = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    chosen = show("weight of the T7", found, blocks, similarities, DEFAULT_EXCERPT)
    assert text[chosen.span.start : chosen.span.end] == "34 kg"
    assert text[chosen.excerpt.start : chosen.excerpt.end] == text.split("\n")[1]


@pytest.mark.parametrize(
    ("question", "has_steps"),
    [("How do I map the lawn?", True), ("mapping, steps please", True), ("What must be mounted?", False)],
)
def test_steps_follow_the_sentence_before_them_where_the_question_asks_how(
    question: str, has_steps: bool
) -> None:
    lead = "Mount the mast first, free on all sides."
    text = f"{lead}\n1. Choose Map.\n2. Walk along the edge."
    found = reading(text, "Mount the mast first", within=lead)
    blocks = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    excerpt = show(question, found, blocks, np.ones(len(blocks)), DEFAULT_EXCERPT).excerpt
    assert text[excerpt.start : excerpt.end] == (text if has_steps else lead)


@pytest.mark.parametrize(
    ("text", "span", "excerpt"),
    [
        ("Lift the lid. Then turn it.", "turn", "Lift the lid. Then turn it."),
        (
            "Doors are white. Hold SET. The lock is on. Repeat to unlock.",
            "The lock is on",
            "Hold SET. The lock is on. Repeat to unlock.",
        ),
        ("Lift the lid. Turn the lock on.", "lock", "Turn the lock on."),
        ("Lift the lid.\nThen turn the lock.", "lock", "Then turn the lock."),  # of another paragraph
    ],
)
def test_what_refers_to_the_sentence_before_is_shown_with_it(text: str, span: str, excerpt: str) -> None:
    found = reading(text, span)
    cut = blocks_of(found.hit.passage, DEFAULT_EXCERPT)
    near = np.array([9.0 if block.end > text.index(span) else -9.0 for block in cut])
    chosen = show("what locks it", found, cut, near, DEFAULT_EXCERPT).excerpt
    assert text[chosen.start : chosen.end] == excerpt


@pytest.mark.parametrize(
    ("question", "text", "spans", "marked"),
    [
        ("is the belt loose", "The belt is dry.", ["The belt", "dry"], "dry"),
        (
            "can it be washed",
            "It can't be washed. Dust it.",
            ["can't be washed", "Dust it"],
            "can't be washed",
        ),
        ("is it washed", "It is washed.", ["washed", "It is washed"], "washed"),  # nothing says more
    ],
)
def test_a_span_that_says_no_more_than_the_question_gives_way(
    question: str, text: str, spans: list[str], marked: str
) -> None:
    found = reading(text, *spans)
    cut = blocks_of(found.hit.passage, DEFAULT_EXCERPT)
    span = show(question, found, cut, np.ones(len(cut)), DEFAULT_EXCERPT).span
    assert text[span.start : span.end] == marked


@pytest.mark.parametrize("marked", ["Red lamp, horn steady", "Tank low", "dry"])
def test_of_lights_and_sounds_the_row_that_is_described_is_shown_and_what_it_means_marked(
    marked: str,
) -> None:
    text = (
        "Signal: Red lamp, horn steady | Cause: Runs dry\nSignal: Horn, 3 times | Cause: Tank low\n"
        "Signal: Amber lamp | Cause: Too hot"
    )
    found = reading(text, marked)
    cut = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    chosen = show("red lamp and constant beep", found, cut, np.ones(len(cut)), DEFAULT_EXCERPT)
    assert text[chosen.span.start : chosen.span.end] == "Runs dry"
    assert text[chosen.excerpt.start : chosen.excerpt.end] == text.partition("\n")[0]


def test_of_a_light_the_plain_row_is_marked_where_the_question_says_nothing_of_blinking() -> None:
    text = "State: green | Meaning: ready\nState: green, blinking | Meaning: busy\nState: red | Meaning: hot"
    found = reading(text, "busy")
    cut = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    span = show("the state is green", found, cut, np.ones(len(cut)), DEFAULT_EXCERPT).span
    assert text[span.start : span.end] == "ready"


def test_the_number_that_leads_the_row_of_a_part_is_marked_where_the_reader_takes_the_next() -> None:
    text = "Part number: 204-10 | Part: Beater\nPart number: 204-11 | Part: Spout"
    found = reading(text, "204-11")
    cut = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    chosen = show("part number of the beater", found, cut, np.ones(len(cut)), DEFAULT_EXCERPT)
    assert text[chosen.span.start : chosen.span.end] == "204-10"
    assert text[chosen.excerpt.start : chosen.excerpt.end] == text.partition("\n")[0]


def test_of_a_table_the_row_with_the_words_of_the_question_is_marked_where_the_reader_takes_the_next() -> (
    None
):
    text = (
        "Action: copy | Menu: Edit\nAction: hang up the line | Menu: Call\nAction: send a file | Menu: Disk"
    )
    found = reading(text, "Disk")
    cut = blocks_of(found.hit.passage, DEFAULT_EXCERPT.max_words)
    chosen = show("how do they hang up", found, cut, np.ones(len(cut)), DEFAULT_EXCERPT)
    assert text[chosen.span.start : chosen.span.end] == text.split("\n")[1]
