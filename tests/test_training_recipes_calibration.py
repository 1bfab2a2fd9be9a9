"""The calibration recipe's parts: what is kept of its gathering, the reserve as a manual, its figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder

from qa_core.documents import read_document
from qa_core.engine import Found
from qa_core.types import Hit, Manual, PageStart, Passage, Reading, Section, Span
from training.calibrate import Judged
from training.measuring.questions import Question
from training.reading.examples import Example
from training.recipes.calibration_figures import (
    SeedFigures,
    believed,
    figures_table,
    reliability_of,
    save_figures,
)
from training.recipes.gathering import Gathering
from training.recipes.remembering import RememberingEncoder
from training.recipes.reserve_manual import make_reserve_manual

MANUAL = Manual("m", "/manuals", "tv.md", "TV", "TV", "2", None, "d")


def found(question: str) -> Found:
    section = Section(("TV", "Größe"), "Press OK.\nThen wait.", (PageStart(0, 3), PageStart(10, 4)))
    hits = tuple(Hit(Passage(f"p{i}", MANUAL, section, 0, 9 - i), 1.0 - i, 0.5, 0.25) for i in range(2))
    readings = (Reading(hits[0], (Span(0, 5, 1.5), Span(6, 8, -0.1)), 0.3),)
    return Found(question, question.lower(), np.array([0.6, 0.8], dtype=np.float32), hits, readings)


class WrittenFinder:
    """Finds the same for every question; dies at the question `fatal`."""

    def __init__(self, fatal: str | None = None) -> None:
        self.asked: list[str] = []
        self.fatal = fatal

    def find(self, question: str, product: str | None = None) -> Found:
        assert product is None
        if question == self.fatal:
            raise KeyboardInterrupt
        self.asked.append(question)
        return found(question)


QUESTIONS = [Question(text, ("x",)) for text in ("One?", "Two?", "Three?")]


def test_what_was_found_comes_back_from_the_file_as_it_was(tmp_path: Path) -> None:
    gathering = Gathering(tmp_path, "models")
    first = gathering.read_all(WrittenFinder, QUESTIONS, "TV questions, TV manual")
    again = WrittenFinder()
    second = gathering.read_all(lambda: again, QUESTIONS, "TV questions, TV manual")
    assert again.asked == []
    for one, other in zip(first, second, strict=True):
        assert one.question == other.question
        assert (one.found.hits, one.found.readings) == (other.found.hits, other.found.readings)
        assert one.found.asked == other.found.asked
        assert one.found.vector.tolist() == other.found.vector.tolist()
        assert other.found.vector.dtype == np.float32
    assert [path.name for path in tmp_path.iterdir()] == ["TV-questions-TV-manual.jsonl"]


def test_a_gathering_that_was_killed_asks_only_what_is_missing(tmp_path: Path) -> None:
    gathering = Gathering(tmp_path, "models")
    with pytest.raises(KeyboardInterrupt):
        gathering.read_all(lambda: WrittenFinder(fatal="Three?"), QUESTIONS, "tv")
    with (tmp_path / "tv.jsonl").open("ab") as file:
        file.write(b'{"question": "Thr')  # a line that was cut off
    rest = WrittenFinder()
    samples = gathering.read_all(lambda: rest, QUESTIONS, "tv")
    assert rest.asked == ["Three?"]
    assert [sample.found.question for sample in samples] == ["One?", "Two?", "Three?"]
    assert len((tmp_path / "tv.jsonl").read_bytes().splitlines()) == 4  # the key, then one a question


def test_other_models_or_questions_begin_anew(tmp_path: Path) -> None:
    Gathering(tmp_path, "old reader").read_all(WrittenFinder, QUESTIONS, "tv")
    new = WrittenFinder()
    Gathering(tmp_path, "new reader").read_all(lambda: new, QUESTIONS, "tv")
    assert new.asked == ["One?", "Two?", "Three?"]
    fewer = WrittenFinder()
    Gathering(tmp_path, "new reader").read_all(lambda: fewer, QUESTIONS[:2], "tv")
    assert fewer.asked == ["One?", "Two?"]


def test_other_manuals_or_another_parser_begin_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manuals, kept = tmp_path / "manuals", Gathering(tmp_path / "found", "models")
    manuals.mkdir()
    (manuals / "tv.md").write_text("Press OK.")

    def n_asked() -> int:
        finder = WrittenFinder()
        kept.on(manuals).read_all(lambda: finder, QUESTIONS, "tv")
        return len(finder.asked)

    assert [n_asked(), n_asked()] == [3, 0]
    (manuals / "tv.md").write_text("Press HOME.")
    assert [n_asked(), n_asked()] == [3, 0]
    monkeypatch.setattr("training.recipes.gathering.PARSER_VERSION", "another")
    assert [n_asked(), n_asked()] == [3, 0]


def test_a_text_is_embedded_once() -> None:
    encoder = FakeEncoder()
    remembering = RememberingEncoder(encoder)  # type: ignore[arg-type]
    both = remembering.encode(["press ok", "wait"])
    again = remembering.encode(["wait", "hold", "press ok"])
    assert encoder.encoded == ["press ok", "wait", "hold"]
    assert again[[2, 0]].tolist() == both.tolist()
    assert remembering.digest == "fake-encoder"


def examples(n_contexts: int) -> list[Example]:
    return [
        Example(f"{c}-{q}", f"What is {c}?", f"It is <b> & {c}. Nothing else.", 6, 9, (f"Topic {c // 2}",))
        for c in range(n_contexts)
        for q in range(2)
    ]


def test_a_third_of_the_reserves_contexts_is_taken_out_with_the_answers_of_its_questions(
    tmp_path: Path,
) -> None:
    made = make_reserve_manual(examples(12), n_questions=100)
    assert len(made.questions) == 24
    by_context = {each.context: each.question for each in made.questions}
    answered = {context for context, question in by_context.items() if question.answerable}
    assert len(answered) == 8
    path = tmp_path / "reserve.html"
    path.write_text(made.html, encoding="utf-8")
    sections = {section.heading_path[-1]: section.text for section in read_document(path, path).sections}
    for context, question in by_context.items():
        if context in answered:
            assert question.section == f"Topic {context // 2} {context}"
            assert sections[question.section] == f"It is <b> & {context}. Nothing else."
            assert question.answers == ("<b>",)
        else:
            assert (question.section, question.answers) == (None, ())
            assert f"& {context}." not in "".join(sections.values())


def test_the_reserves_manual_is_drawn_from_the_seed() -> None:
    assert make_reserve_manual(examples(12), 10) == make_reserve_manual(examples(12), 10)
    assert make_reserve_manual(examples(12), 10) != make_reserve_manual(examples(12), 10, seed=1)
    assert len(make_reserve_manual(examples(12), 10).questions) == 10


def judged(raw: float, helps: bool, answerable: bool = True) -> Judged:
    return Judged((0.0,) * 5, helps, answerable, None, raw)


JUDGED = [judged(0.9, True), judged(0.9, False), judged(0.2, True), *[judged(0.9, False, False)] * 3]
CONFIDENCES = [0.9, 0.5, 0.7, 0.1, 0.1, 0.1]


def test_figures_before_and_after_are_stated_for_the_mix() -> None:
    """With half of the mix unanswerable each of the six counts once."""
    figures = believed(JUDGED, CONFIDENCES, unanswerable_share=0.5)
    assert figures["auroc_after"] == 1.0
    assert figures["auroc_before"] == pytest.approx((4 * 0.5 + 0) / 8)
    assert figures["coverage_at_precision_80_before"] == 0.0
    assert figures["coverage_at_precision_80_after"] == pytest.approx(2 / 6)
    assert figures["calibration_error_after"] == figures["calibration_error_unweighted"]
    assert figures["calibration_error_after"] == pytest.approx((0.1 + 0.5 + 0.3 + 3 * 0.1) / 6)
    assert figures["calibration_error_answerable"] == pytest.approx((0.1 + 0.5 + 0.3) / 3)


def test_figures_are_printed_by_seed_and_written_with_the_diagram(tmp_path: Path) -> None:
    def seed(number: int, hit: float) -> SeedFigures:
        return SeedFigures(number, {"section_hit_at_1": hit}, tuple(JUDGED), tuple(CONFIDENCES))

    figures: Sequence[SeedFigures] = [seed(0, 0.75), seed(1, 0.25)]
    lines = figures_table(figures).splitlines()
    assert lines[0].split() == ["half", "B", "(10", "bins)", "mean", "seed", "0", "seed", "1"]
    assert lines[1].split() == ["section_hit_at_1", "0.500", "0.750", "0.250"]
    together = reliability_of(figures, 0.5)
    assert together.table.splitlines()[3] == "| AUROC ↑ | 0.250 | 1.000 |"
    save_figures(figures, together, tmp_path / "work")
    written = json.loads((tmp_path / "work" / "calibration.json").read_text())
    assert written["mean"] == {"section_hit_at_1": 0.5}
    assert written["seeds"]["1"] == {"section_hit_at_1": 0.25}
    assert written["after"]["n"] == 12
    assert (tmp_path / "work" / "reliability.png").read_bytes().startswith(b"\x89PNG")
