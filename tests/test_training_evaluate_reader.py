"""The reader's figures on SQuAD files, against values worked out by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa_core.errors import DataError
from qa_core.types import Hit, Reading, Span
from training.evaluate_reader import (
    GoldContext,
    Prediction,
    evaluate_reader,
    read_squad,
    score,
)

CONTEXT = "The lamp blinks red for 3 seconds."


class WrittenReader:
    """Finds the words written down for a question, with the null score written beside them."""

    def __init__(self, found: dict[str, tuple[str, float]]) -> None:
        self.found = found
        self.headings: list[tuple[str, ...]] = []

    def read_each(self, questions: Sequence[str], hits: Sequence[Hit]) -> tuple[Reading, ...]:
        return tuple(self._read(question, hit) for question, hit in zip(questions, hits, strict=True))

    def _read(self, question: str, hit: Hit) -> Reading:
        self.headings.append(hit.passage.section.heading_path)
        words, null_score = self.found[question]
        start = hit.passage.text.find(words)
        spans = (Span(start, start + len(words), 1.0),) if words else ()
        return Reading(hit, spans, null_score)


def gold(question: str, *golds: str, title: str = "") -> GoldContext:
    return GoldContext(question, question, CONTEXT, golds, title)


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(content))
    return path


def test_v1_takes_the_best_span_whatever_the_null_score_and_the_best_of_several_golds() -> None:
    reader = WrittenReader({"colour?": ("red", 9.0), "how long?": ("for 3 seconds", 9.0)})
    questions = [gold("colour?", "blue", "Red"), gold("how long?", "3 seconds")]
    report = evaluate_reader(reader, questions)
    assert report.as_json() == {
        "exact_match": 50.0,
        "f1": pytest.approx((100 + 80) / 2),
        "n": {"exact_match": 2, "f1": 2},
    }


def test_v2_says_no_answer_where_the_null_score_is_higher() -> None:
    """Right: `colour?`, `sound?`. Wrong: `how long?` is kept back, `price?` is answered."""
    reader = WrittenReader(
        {
            "colour?": ("red", 0.0),
            "how long?": ("3 seconds", 2.0),
            "sound?": ("lamp", 3.0),
            "price?": ("3", 0.5),
        }
    )
    questions = [gold("colour?", "red"), gold("how long?", "3 seconds"), gold("sound?"), gold("price?")]
    report = evaluate_reader(reader, questions)
    expected = {"exact_match": 50.0, "f1": 50.0, "HasAns_exact": 50.0, "NoAns_exact": 50.0, "NoAns_f1": 50.0}
    assert {name: report.value(name) for name in expected} == expected
    assert report.as_json()["n"] == {
        "exact_match": 4,
        "f1": 4,
        "HasAns_exact": 2,
        "HasAns_f1": 2,
        "NoAns_exact": 2,
        "NoAns_f1": 2,
        "best_f1": 4,
        "best_f1_threshold": 4,
    }


def test_a_higher_threshold_lets_more_answers_through() -> None:
    questions = [gold("colour?", "red"), gold("sound?")]
    predictions = [Prediction("red", 2.0), Prediction("lamp", 3.0)]
    assert score(questions, predictions, null_threshold=2.0).value("f1") == 100.0
    assert score(questions, predictions, null_threshold=3.0).value("f1") == 50.0
    assert score(questions, predictions, null_threshold=1.0).value("f1") == 50.0


def test_the_best_threshold_is_found() -> None:
    questions = [gold("colour?", "red"), gold("how long?", "3 seconds"), gold("sound?"), gold("price?")]
    predictions = [
        Prediction("red", -4.0),
        Prediction("for 3 seconds", 1.0),
        Prediction("lamp", 3.0),
        Prediction("", 0.0),
    ]
    report = score(questions, predictions)
    assert report.value("best_f1") == pytest.approx(100 * (1 + 0.8 + 1 + 1) / 4)
    assert report.value("best_f1_threshold") == 1.0


def test_saying_no_answer_to_all_can_be_best() -> None:
    report = score(
        [gold("colour?", "blue"), gold("sound?")], [Prediction("red", 1.0), Prediction("lamp", 0.0)]
    )
    assert report.value("best_f1") == 50.0
    assert report.value("best_f1_threshold") == -1.0


def test_v2_drops_golds_that_normalise_to_nothing() -> None:
    """As in the official script, a gold `The` leaves an empty gold, which only "no answer" meets."""
    questions = [gold("which?", "The"), gold("sound?")]
    assert score(questions, [Prediction("lamp", 1.0), Prediction("", 0.0)]).value("HasAns_exact") == 100.0
    assert score(questions, [Prediction("lamp", -1.0), Prediction("", 0.0)]).value("HasAns_exact") == 0.0


def test_a_context_without_spans_counts_as_no_answer() -> None:
    report = evaluate_reader(WrittenReader({"colour?": ("", 0.0)}), [gold("colour?", "red")])
    assert report.value("f1") == 0.0


def test_the_title_is_read_as_the_heading() -> None:
    reader = WrittenReader({"colour?": ("red", 0.0)})
    evaluate_reader(reader, [gold("colour?", "red", title="Warning_lamp"), gold("colour?", "red")])
    assert reader.headings == [("Warning lamp",), ()]


def test_many_questions_are_read_at_once_and_progress_is_told() -> None:
    counted: list[int] = []
    reader = WrittenReader({"colour?": ("red", 0.0), "how long?": ("3 seconds", 0.0)})
    questions = [gold("colour?", "red")] * 150 + [gold("how long?", "3 seconds")] * 50
    report = evaluate_reader(reader, questions, on_read=counted.append)
    assert counted == [128, 200]
    assert report.value("exact_match") == 100.0


def test_a_squad_file_is_read_with_all_golds(tmp_path: Path) -> None:
    answers = [{"text": "red", "answer_start": 16}, {"text": "3 seconds", "answer_start": 24}]
    qas = [
        {"id": "q1", "question": "colour?", "answers": answers},
        {"id": "q2", "question": "sound?", "answers": [], "is_impossible": True},
    ]
    path = written(tmp_path, {"data": [{"title": "Lamp", "paragraphs": [{"context": CONTEXT, "qas": qas}]}]})
    assert read_squad(path) == (
        GoldContext("q1", "colour?", CONTEXT, ("red", "3 seconds"), "Lamp"),
        GoldContext("q2", "sound?", CONTEXT, (), "Lamp"),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "is not in SQuAD's format"),
        ({"data": [{"paragraphs": [{"qas": [{"id": "q1", "question": "?"}]}]}]}, "KeyError"),
        (
            {
                "data": [
                    {"paragraphs": [{"context": 7, "qas": [{"id": "q1", "question": "?", "answers": []}]}]}
                ]
            },
            "q1",
        ),
        ({"data": []}, "has no questions"),
    ],
)
def test_a_file_in_another_format_is_refused(tmp_path: Path, content: object, reason: str) -> None:
    with pytest.raises(DataError, match=rf"squad\.json .*{reason}"):
        read_squad(written(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_squad(tmp_path / "none.json")
