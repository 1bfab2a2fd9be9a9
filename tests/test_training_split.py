"""The split: no context on both sides, the share that was asked for, the same one each time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.errors import DataError
from training.reading.examples import Example
from training.reading.split import Split, split_by_context


def examples_on(*contexts: str) -> list[Example]:
    return [Example(str(n), "What?", context, None, None) for n, context in enumerate(contexts)]


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=2).filter(lambda c: len(set(c)) > 1),
    st.floats(0.0, 1.0, exclude_min=True),
    st.integers(0, 9),
)
def test_every_question_is_in_one_part_and_no_context_in_both(
    contexts: list[str], share: float, seed: int
) -> None:
    examples = examples_on(*contexts)
    split = split_by_context(examples, share, seed)
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


@pytest.mark.parametrize(
    ("contexts", "share", "sizes", "missed"),
    [
        ("abc", 0.9, (1, 2), 2 / 3),
        ("abcd", 0.9, (1, 3), 0.75),
        ("ab", 0.8, (1, 1), 0.5),
        ("abcdefghij", 0.9, (1, 9), None),
        ("abcde", 0.3, (3, 2), None),  # ten points off
        ("aaab", 0.6, (3, 1), 0.25),
    ],
)
def test_a_context_is_left_to_train_on_and_a_share_that_is_missed_is_told(
    contexts: str, share: float, sizes: tuple[int, int], missed: float | None
) -> None:
    split = split_by_context(examples_on(*contexts), share)
    assert (len(split.train), len(split.validation)) == sizes
    assert split.missed_share == missed


def test_validation_data_that_was_given_misses_no_share() -> None:
    assert Split(tuple(examples_on("a")), tuple(examples_on("b", "c"))).missed_share is None


def test_a_share_of_nothing_trains_on_all() -> None:
    assert len(split_by_context(examples_on("a", "b"), 0.0).train) == 2


def test_a_single_context_cannot_be_split() -> None:
    with pytest.raises(DataError, match="All 2 questions are on one context"):
        split_by_context(examples_on("a", "a"))
