"""The reader's figures on SQuAD files, against values worked out by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa_core.errors import DataError
from qa_core.types import Hit, Reading, Span
from training.reading.evaluate_reader import (
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

    def read(self, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        return tuple(self._read(question, hit) for hit in hits)

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


def test_progress_is_told() -> None:
    counted: list[int] = []
    reader = WrittenReader({"colour?": ("red", 0.0), "how long?": ("3 seconds", 0.0)})
    questions = [gold("colour?", "red"), gold("how long?", "3 seconds"), gold("colour?", "red")]
    report = evaluate_reader(reader, questions, on_read=counted.append)
    assert counted == [1, 2, 3]
    assert report.value("exact_match") == 100.0


V1 = {
    "version": "1.1",
    "data": [
        {
            "title": "Warning_lamp",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "q1",
                            "question": "colour?",
                            "answers": [
                                {"text": "red", "answer_start": 16},
                                {"text": "red", "answer_start": 16},
                                {"text": "blinks red ", "answer_start": 9},
                            ],
                        },
                        {
                            "id": 2,
                            "question": "how long?",
                            "answers": [{"text": "3 seconds", "answer_start": 24}],
                        },
                    ],
                }
            ],
        },
        {
            "paragraphs": [
                {
                    "context": "Pull it.",
                    "qas": [
                        {"id": "q3", "question": "how?", "answers": [{"text": "Pull", "answer_start": 0}]}
                    ],
                }
            ]
        },
    ],
}
V2 = {
    "version": "v2.0",
    "data": [
        {
            "title": "Lamp",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "q1",
                            "question": "colour?",
                            "answers": [{"text": "red", "answer_start": 16}],
                            "is_impossible": False,
                        },
                        {
                            "id": "q2",
                            "question": "sound?",
                            "answers": [],
                            "plausible_answers": [{"text": "red", "answer_start": 16}],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ],
}
QUESTIONS_V1 = (
    GoldContext("q1", "colour?", CONTEXT, ("red", "red", "blinks red "), "Warning_lamp"),
    GoldContext("2", "how long?", CONTEXT, ("3 seconds",), "Warning_lamp"),
    GoldContext("q3", "how?", "Pull it.", ("Pull",), ""),
)
QUESTIONS_V2 = (
    GoldContext("q1", "colour?", CONTEXT, ("red",), "Lamp"),
    GoldContext("q2", "sound?", CONTEXT, (), "Lamp"),
)


@pytest.mark.parametrize(("content", "questions"), [(V1, QUESTIONS_V1), (V2, QUESTIONS_V2)])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
def test_a_squad_file_is_read_with_its_titles_and_all_golds_as_they_are_written(
    tmp_path: Path, content: object, questions: tuple[GoldContext, ...], mark: bytes
) -> None:
    path = tmp_path / "squad.json"
    path.write_bytes(mark + json.dumps(content).encode())
    assert read_squad(path) == questions


def test_triplets_as_json_lines_are_read_too(tmp_path: Path) -> None:
    lines = [
        {"context": CONTEXT, "question": "colour?", "answer": "red", "title": "Lamp"},
        {"id": "q2", "context": CONTEXT, "question": "sound?", "answer": None},
    ]
    path = tmp_path / "triplets.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_squad(path) == (
        GoldContext("record 1", "colour?", CONTEXT, ("red",), "Lamp"),
        GoldContext("q2", "sound?", CONTEXT, (), ""),
    )


def question_with(context: object = CONTEXT, **changes: object) -> dict[str, object]:
    qa = {"id": "q1", "question": "colour?", "answers": [{"text": "red", "answer_start": 16}], **changes}
    return {"data": [{"paragraphs": [{"context": context, "qas": [qa]}]}]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (question_with(answers=None), "its answers are missing, not a list"),
        (question_with(context=7), r"its context is 7 \(int\), not a text"),
        (question_with(context=" "), "its context is empty"),
        (question_with(is_impossible=True), "it is marked is_impossible and has the answer 'red'"),
        (question_with(answers=[{"text": "red", "answer_start": 3}]), "does not stand at offset 3"),
    ],
)
def test_a_question_that_is_wrong_is_named_with_the_reason(
    tmp_path: Path, content: object, reason: str
) -> None:
    place = r"Question 'q1' \(question 1 of paragraph 1 of article 1 of squad\.json\)"
    with pytest.raises(DataError, match=rf"^{place}: .*{reason}"):
        read_squad(written(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"version": "1.1"}, r"squad\.json is neither in SQuAD's format nor a list of triplets"),
        ([], r"squad\.json holds no question"),
        ({"data": []}, r"squad\.json holds no question"),
        ({"data": [{"paragraphs": [{"context": "A lamp."}]}]}, r"of squad\.json: it has no list 'qas'"),
    ],
)
def test_a_file_without_questions_is_refused(tmp_path: Path, content: object, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        read_squad(written(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_squad(tmp_path / "none.json")
