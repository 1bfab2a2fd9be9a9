"""Slips of the keyboard that are made for a measurement."""

from __future__ import annotations

import random

import pytest
from rapidfuzz.distance import OSA

from training.recipes.slips import with_slip


@pytest.mark.parametrize("seed", range(20))
def test_a_slip_is_one_edit_inside_one_longer_word(seed: int) -> None:
    asked = "How do I replace the filter of the FX-2000?"
    slipped = with_slip(asked, random.Random(seed))
    assert OSA.distance(asked, slipped) <= 1  # 0 where a letter is hit twice in place of its like
    pairs = [pair for pair in zip(asked.split(), slipped.split(), strict=True) if pair[0] != pair[1]]
    assert len(pairs) <= 1
    assert all(word in ("replace", "filter") and word[0] == other[0] for word, other in pairs)


def test_slips_differ_and_come_again_with_their_seed() -> None:
    made = [with_slip("Descaling takes how long?", random.Random(seed)) for seed in range(9)]
    assert len(set(made)) > 3
    assert made[3] == with_slip("Descaling takes how long?", random.Random(3))


def test_a_question_without_a_longer_word_stays() -> None:
    assert with_slip("How hot is it?", random.Random(0)) == "How hot is it?"
