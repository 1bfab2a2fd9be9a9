"""The split: no context on both sides, the share that was asked for, the same one each time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.errors import DataError
from training.examples import Example
from training.split import split_by_context


def examples_on(*contexts: str) -> list[Example]:
    return [Example(str(n), "What?", context, None, None) for n, context in enumerate(contexts)]


@given(st.lists(st.sampled_from("abcdefgh"), min_size=2).filter(lambda c: len(set(c)) > 1), st.integers(0, 9))
def test_every_question_is_in_one_part_and_no_context_in_both(contexts: list[str], seed: int) -> None:
    examples = examples_on(*contexts)
    split = split_by_context(examples, 0.2, seed)
    assert sorted((*split.train, *split.validation), key=lambda e: int(e.id)) == examples
    assert {e.context for e in split.train}.isdisjoint(e.context for e in split.validation)
    assert split.train
    assert split.validation


def test_a_thousand_questions_on_contexts_of_five_are_split_800_to_200() -> None:
    examples = examples_on(*(f"context {n // 5}" for n in range(1000)))
    split = split_by_context(examples)
    assert (len(split.train), len(split.validation)) == (800, 200)
    assert split == split_by_context(examples)
    assert split != split_by_context(examples, seed=1)


def test_a_share_of_nothing_trains_on_all() -> None:
    assert len(split_by_context(examples_on("a", "b"), 0.0).train) == 2


def test_a_single_context_cannot_be_split() -> None:
    with pytest.raises(DataError, match="All 2 questions are on one context"):
        split_by_context(examples_on("a", "a"))
