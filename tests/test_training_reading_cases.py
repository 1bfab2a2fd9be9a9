"""A reader is judged by how the passages that it supports rank, and by the span in the right passage."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from tiny_models import write_model
from torch import nn

from qa_core.ranking import squashed_odds
from qa_core.reader import N_BEST, window_settings
from qa_core.types import Hit, Manual, Passage, Section
from qa_core.windows import Windower
from training.feedback.triplet import Triplet
from training.reading.model_folder import TokenizerFiles, load_model
from training.reading.reading_cases import (
    MAX_CASES,
    SCALES,
    SUPPORT_WEIGHTS,
    PreparedCases,
    ReadingCase,
    case_losses,
    reading_cases,
)
from training.reading.span_forward import Batch, SpanForward
from training.retraining.encoder_stage import MAX_CASES as MAX_RANKED
from training.retraining.encoder_stage import ranking_cases
from training.retrieval.interpolation import least_share_like_best

MANUAL = Manual("m", "/manuals", "machine.md", "Machine", "Machine", None, None, "d")
TEXTS = {"Rinse": "press the menu button to rinse", "Clock": "set the clock", "Jam": "paper jam under water"}


def hit(heading: str, score: float) -> Hit:
    text = TEXTS[heading]
    return Hit(Passage(heading, MANUAL, Section((heading,), text), 0, len(text)), score, score, 0.0)


HITS = (hit("Clock", 1.2), hit("Rinse", 1.0), hit("Jam", 0.4))
TRIPLET = Triplet(
    id="t",
    question="rinse menu",
    context=TEXTS["Rinse"],
    start=0,
    end=21,
    kind="answer",
    status="approved",
    provenance="vote",
    question_key="k",
    passage_id="Rinse",
    heading_path=("Rinse",),
    manual="machine.md",
)


def found(*hits: Hit) -> list[bool]:
    return [case.right for case in reading_cases([TRIPLET], lambda *_: hits)]  # type: ignore[misc]


def test_a_case_holds_what_was_found_and_the_span_where_it_stands() -> None:
    [case] = reading_cases([TRIPLET], lambda *_: HITS)
    assert case.right == (False, True, False)
    assert case.scores == (1.2, 1.0, 0.4)
    assert [example.answer for example in case.examples] == [None, "press the menu button", None]


@pytest.mark.parametrize("hits", [HITS[:1], HITS[1:2], ()])
def test_a_question_whose_passages_are_all_right_or_all_wrong_tells_nothing(hits: tuple[Hit, ...]) -> None:
    assert found(*hits) == []


def test_there_is_an_end_to_what_is_judged() -> None:
    assert len(reading_cases([TRIPLET] * 100, lambda *_: HITS)) == MAX_CASES


@pytest.fixture(scope="module")
def forward_and_windower(tmp_path_factory: pytest.TempPathFactory) -> tuple[SpanForward, Windower]:
    folder: Path = tmp_path_factory.mktemp("reader")
    write_model(folder, "read")
    model = load_model(folder)
    settings = window_settings(model.config.to_dict())
    return SpanForward(model, "float32"), Windower(TokenizerFiles.open(folder).tokenizer, settings)


def test_a_reader_that_knows_nothing_loses_what_retrieval_and_chance_leave(
    forward_and_windower: tuple[SpanForward, Windower],
) -> None:
    forward, windower = forward_and_windower
    for parameter in forward.model.parameters():
        parameter.data.zero_()
    [loss] = case_losses(forward, PreparedCases.of(reading_cases([TRIPLET], lambda *_: HITS), windower))
    n_tokens = np.array([len(hit.passage.text.split()) for hit in HITS])
    n_spans = np.minimum(N_BEST, n_tokens * (n_tokens + 1) // 2)  # all equally likely, and as likely as none
    support = np.array([squashed_odds([0.0] * n, 0.0) for n in n_spans])
    retrieved = np.array([1.2, 1.0, 0.4])
    scores = [scale * (retrieved + w * support) for scale in SCALES for w in SUPPORT_WEIGHTS]
    of_passage = min(np.log(np.exp(each).sum()) - each[1] for each in scores)  # the right one is second
    assert of_passage < loss < of_passage + 1  # some span, which is not far off in so short a text


class Pointing:
    """A reader that points at some of the context's tokens, whatever is asked."""

    def __init__(self, first: int, last: int) -> None:
        self.model = nn.Identity()
        self._first, self._last = first, last

    def __call__(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        start = torch.zeros(len(batch), max(len(feature.window.input_ids) for feature in batch))
        end = start.clone()
        for row, feature in enumerate(batch):
            start[row, feature.window.first + self._first] = 5.0
            end[row, feature.window.first + self._last] = 5.0
        return start, end


def test_a_reader_loses_by_how_far_its_span_is_from_the_right_one(
    forward_and_windower: tuple[SpanForward, Windower],
) -> None:
    [found] = reading_cases([TRIPLET], lambda *_: HITS)
    alike = ReadingCase((found.examples[1],) * 2, (1.0, 1.0), (True, False))  # no reader tells them apart

    def loss(first: int, last: int) -> float:
        reader = cast("SpanForward", Pointing(first, last))
        return float(case_losses(reader, PreparedCases.of([alike], forward_and_windower[1]))[0])

    exact = loss(0, 3)  # press the menu button
    assert exact == pytest.approx(np.log(2))
    assert loss(0, 1) - exact == pytest.approx(2 * (1 - 2 * 2 / (2 + 4)))
    assert loss(5, 5) - exact == pytest.approx(2.0)


def test_of_shares_that_cannot_be_told_apart_the_one_that_forgets_least_is_taken() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, 40)
    same = {0.0: noise, 0.5: noise + rng.normal(-0.01, 0.5, 40), 1.0: noise + rng.normal(0, 0.5, 40)}
    assert least_share_like_best(same) == 0.0
    assert least_share_like_best({**same, 0.5: noise - 1, 1.0: same[1.0] - 1.01}) == 0.5
    assert least_share_like_best({**same, 1.0: noise - 3}) == 1.0
    assert least_share_like_best({0.0: noise, 0.5: noise - 0.004}) == 0.0, "sure, and worth nothing"
    assert least_share_like_best({0.0: noise, 0.5: noise - 0.006}) == 0.5


def test_no_more_is_searched_than_cases_are_taken() -> None:
    asked: list[str] = []

    def search(question: str, _product: str | None) -> tuple[Hit, ...]:
        asked.append(question)
        return HITS

    assert len(reading_cases([TRIPLET] * 1_000, search)) == MAX_CASES
    assert len(asked) == MAX_CASES
    asked.clear()
    assert len(ranking_cases([TRIPLET] * 1_000, [], search)) == MAX_RANKED
    assert len(asked) == MAX_RANKED
