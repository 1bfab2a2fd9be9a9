"""The reader: spans from logits, compared across passages."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from qa_core.encoder import shipped_encoder_dir
from qa_core.errors import ModelError
from qa_core.reader import MAX_SPAN_TOKENS, Reader, TokenSpan, WindowLogits, best_spans, window_settings
from qa_core.types import Hit, Manual, Passage, Section
from qa_core.windows import Window, Windower, WindowSettings

MANUAL = Manual("m", "/manuals", "a.md", "A", "A", None, None, "d")


class WordSession:
    """Points at a word wherever it stands, the stronger the longer the window; else at [CLS]."""

    input_names = ("input_ids", "attention_mask")

    def __init__(self, word_id: int, value: float = 5.0) -> None:
        self.word_id, self.value = word_id, value
        self.shapes: list[tuple[int, ...]] = []

    def run(self, inputs: Mapping[str, NDArray[np.int64]]) -> tuple[NDArray[np.float32], ...]:
        ids = inputs["input_ids"]
        self.shapes.append(ids.shape)
        logits = np.where(ids == self.word_id, self.value, 0.0).astype(np.float32)
        logits[:, 0] = 1.0
        return logits, logits.copy()


def hit(text: str, passage_id: str = "p") -> Hit:
    return Hit(Passage(passage_id, MANUAL, Section(("A",), text), 0, len(text)), 0.0, 0.0, 0.0)


def reader_for(word: str, settings: WindowSettings | None = None, value: float = 5.0) -> Reader:
    windower = Windower.open(shipped_encoder_dir(), settings)
    word_id = windower._tokenizer.token_to_id(word)
    return Reader(windower, WordSession(word_id, value), "digest")


def logits_of(start: list[float], end: list[float], first: int = 1) -> WindowLogits:
    n = len(start)
    offsets = np.array([[i, i + 1] for i in range(n)])
    ids = np.zeros(n, dtype=np.int64)
    window = Window(0, ids, ids, offsets, first, n, 0)
    return WindowLogits(window, np.array(start, dtype=np.float32), np.array(end, dtype=np.float32))


def test_a_reader_that_keeps_what_it_read_runs_only_windows_that_are_new() -> None:
    plain = reader_for("lamp")
    session = plain._session
    assert isinstance(session, WordSession)
    kept, hits = plain.keeping(), [hit("The lamp is green."), hit("A lamp blinks.", "q")]
    first = kept.read("Which lamp?", hits)
    n_runs = len(session.shapes)

    assert kept.read("Which lamp?", hits[::-1]) == first[::-1]
    assert len(session.shapes) == n_runs
    more = kept.read("Which lamp?", [hit("No light.", "r"), *hits])
    assert len(session.shapes) == n_runs + 1
    assert more == plain.read("Which lamp?", [hit("No light.", "r"), *hits])
    assert kept.read("Whose lamp?", hits[:1]) == plain.read("Whose lamp?", hits[:1])


def test_a_reader_for_short_answers_considers_no_longer_span() -> None:
    logits = logits_of([0, 9, 0, 5, 0], [0, 0, 0, 4, 9])
    assert best_spans(logits, n_best=1) == [TokenSpan(1, 4, 18.0)]
    assert best_spans(logits, n_best=1, max_tokens=3) == [TokenSpan(3, 4, 14.0)]
    reader = reader_for("lamp")
    longest = [
        max(span.end - span.start for span in each.readings([hit("一二三四五")], [logits])[0].spans)
        for each in (reader, reader.limited(2))
    ]
    assert longest == [4, 2]


def test_the_best_span_has_the_highest_sum_of_logits_with_its_start_before_its_end() -> None:
    spans = best_spans(logits_of([0, 1, 0, 9], [0, 8, 2, 1]), n_best=3)
    assert spans[0] == TokenSpan(3, 3, 10.0)
    assert spans[1] == TokenSpan(1, 1, 9.0)
    assert all(span.first <= span.last for span in spans)


def test_no_span_touches_the_question() -> None:
    spans = best_spans(logits_of([9, 9, 0, 1], [9, 9, 1, 0], first=2))
    assert {span.first for span in spans} == {2, 3}


def test_a_span_is_at_most_two_hundred_tokens() -> None:
    n = 300
    start, end = [0.0] * n, [0.0] * n
    start[1], end[n - 1] = 50, 50
    spans = best_spans(logits_of(start, end), n_best=1000)
    assert max(span.last - span.first + 1 for span in spans) == MAX_SPAN_TOKENS


def test_each_hit_gets_the_characters_of_its_best_span() -> None:
    readings = reader_for("lamp").read("What?", [hit("The lamp is green."), hit("No light at all.")])
    passage = readings[0].hit.passage
    assert passage.text[readings[0].spans[0].start : readings[0].spans[0].end] == "lamp"
    assert readings[0].spans[0].score == 10.0
    assert readings[1].spans[0].score == 0.0
    assert [reading.null_score for reading in readings] == [2.0, 2.0]


def test_every_window_is_read_alone_and_without_padding() -> None:
    reader = reader_for("lamp")
    assert isinstance(reader._session, WordSession)
    windows = [part.window for part in reader.logits("What?", [hit("The lamp."), hit("No light at all.")])]
    assert reader._session.shapes == [(1, len(window.input_ids)) for window in windows]


def test_hits_that_are_read_together_hold_what_each_holds_alone() -> None:
    reader = reader_for("lamp", WindowSettings(max_tokens=32, stride=8))
    long = " ".join(["word"] * 40 + ["lamp"] + ["word"] * 9)
    hits = [hit(long), hit("No light."), hit(""), hit("lamp")]
    together = reader.read("What?", hits)
    assert together == tuple(reader.read("What?", [each])[0] for each in hits)
    assert together[0].spans[0].score == 10.0


def test_a_span_that_two_windows_see_is_found_once() -> None:
    text = " ".join(["word"] * 30 + ["lamp"] + ["word"] * 30)
    [reading] = reader_for("lamp", WindowSettings(max_tokens=48, stride=30)).read("What?", [hit(text)])
    found = [(span.start, span.end) for span in reading.spans]
    assert text[slice(*found[0])] == "lamp"
    assert len(found) == len(set(found))


def test_a_passage_without_words_has_no_spans() -> None:
    readings = reader_for("lamp").read("What?", [hit(""), hit("lamp")])
    assert readings[0].spans == ()
    assert readings[1].spans[0].score == 10.0


def test_reading_nothing_finds_nothing() -> None:
    assert reader_for("lamp").read("What?", []) == ()


def test_a_model_that_its_runtime_cannot_run_is_told_in_one_line() -> None:
    class Broken(WordSession):
        def run(self, inputs: Mapping[str, NDArray[np.int64]]) -> tuple[NDArray[np.float32], ...]:
            raise RuntimeError(f"Non-zero status code\nnode {inputs}")

    reader = reader_for("red")
    with pytest.raises(
        ModelError, match=r"passage \(Non-zero status code\)\. Try MANUALBOT_RUNTIME=torch-fp32"
    ):
        Reader(reader.windower, Broken(0), "d").read("Which?", [hit("It is red.")])


def test_a_logit_that_is_not_finite_is_an_error_and_no_answer() -> None:
    with pytest.raises(ModelError, match="not finite"):
        reader_for("lamp", value=float("nan")).read("What?", [hit("The lamp.")])


@pytest.mark.parametrize(
    ("config", "n_tokens"),
    [
        ({"max_position_embeddings": 512}, 384),
        ({"max_position_embeddings": 130}, 128),
        ({"n_positions": 130}, 128),
        ({"n_positions": 1024}, 384),
        ({"max_encoder_position_embeddings": 130}, 128),
        ({"max_seq_len": 130}, 128),
        ({}, 384),
    ],
)
def test_windows_are_no_longer_than_the_model_has_positions(config: dict[str, int], n_tokens: int) -> None:
    assert window_settings(config).max_tokens == n_tokens
