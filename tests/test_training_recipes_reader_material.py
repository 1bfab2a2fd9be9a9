"""What the shipped reader is made from: a reserve by whole contexts, and questions made from manuals."""

from __future__ import annotations

import random
from pathlib import Path

from qa_core.types import Manual, Passage, Section
from training.reading.examples import Example
from training.recipes.manual_questions import Asked, ask, negatives, positives
from training.recipes.reader_material import Reserve, draw_reserve, kept_reserve

MANUAL = Manual("m", "/manuals", "phone.html", "Phone", "Phone", None, None, "d")
SAVING = "You can reduce the battery usage of the phone.\n1. Tap Battery.\n2. Tap Power saving."
MODES = (
    "Choose a mode for the camera.\n- Night: Takes brighter pictures in the dark.\n"
    "- To zoom in or out, drag the slider."
)
SIM = "Use the tool that came with the phone and push it into the hole until the tray comes out."


def passage(heading: str, text: str) -> Passage:
    return Passage(heading, MANUAL, Section(("Phone", heading), text), 0, len(text))


PASSAGES = [
    passage("Power saving", SAVING),
    passage("Camera modes", MODES),
    passage("Remove the SIM card", SIM),
]


def answers_by_kind(kind: str) -> list[str]:
    asked = ask(PASSAGES, random.Random(0))
    return [each.passage.text[each.start : each.end] for each in asked if each.kind == kind]


def test_the_reserve_takes_whole_contexts_and_is_drawn_from_the_seed() -> None:
    examples = [Example(f"{c}-{q}", "?", f"context {c}", None, None) for c in range(1000) for q in range(4)]
    reserve = draw_reserve(examples)
    assert len(reserve.table) == 1000
    assert len(reserve.calibration) == 2000
    assert not reserve.table & reserve.calibration
    of_table = {each.split("-")[0] for each in reserve.table}
    assert {each.id for each in examples if each.id.split("-")[0] in of_table} == reserve.table
    assert draw_reserve(examples) == reserve
    assert draw_reserve(examples, seed=1) != reserve


def test_the_reserve_that_is_kept_is_the_reserve_whatever_would_be_drawn_now(tmp_path: Path) -> None:
    examples = [Example(f"{c}-{q}", "?", f"context {c}", None, None) for c in range(1000) for q in range(4)]
    path = tmp_path / "reserve.json"

    drawn = kept_reserve(examples, path)

    assert drawn == draw_reserve(examples)
    assert kept_reserve(examples[::-1], path) == drawn
    path.write_text('{"table": ["0-1"], "calibration": []}')
    assert kept_reserve(examples, path) == Reserve(frozenset(["0-1"]), frozenset())


def test_a_heading_is_answered_by_the_whole_passage_under_it() -> None:
    assert answers_by_kind("heading") == [SAVING, MODES, SIM]


def test_what_the_opening_promises_is_answered_by_the_list_below() -> None:
    assert answers_by_kind("opening") == [
        "1. Tap Battery.\n2. Tap Power saving.",
        "- Night: Takes brighter pictures in the dark.\n- To zoom in or out, drag the slider.",
    ]


def test_names_purposes_and_abilities_are_answered_by_their_own_sentence() -> None:
    assert answers_by_kind("unit") == [
        "You can reduce the battery usage of the phone.",
        "Takes brighter pictures in the dark.",
        "- To zoom in or out, drag the slider.",
    ]


def test_a_negative_is_the_question_on_the_likeliest_passage_of_another_heading() -> None:
    asked = Asked("How do I save power of the camera?", PASSAGES[0], 0, len(SAVING), "heading")
    [negative] = negatives([asked], [*PASSAGES, *(passage(f"Other {i}", f"Text {i}") for i in range(12))])
    assert negative.context == MODES
    assert negative.start is None


def test_a_share_of_the_positives_hides_the_heading_that_gives_the_answer_away() -> None:
    asked = list(ask(PASSAGES, random.Random(0)))
    rng = random.Random(0)
    assert {e.heading_path for e in positives(asked, rng, share_without_heading=1.0)} == {("Phone",)}
    shown = positives(asked, rng, share_without_heading=0.0)
    assert [e.answer for e in shown] == [a.passage.text[a.start : a.end] for a in asked]
    assert shown[0].heading_path == ("Phone", "Power saving")
