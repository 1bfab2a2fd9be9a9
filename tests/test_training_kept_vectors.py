"""Vectors are computed once."""

from __future__ import annotations

import numpy as np
import pytest

from training.retrieval.kept_vectors import KeptVectors


class Encoder:
    def __init__(self):
        self.seen = []

    def __call__(self, questions):
        self.seen += questions
        return np.array([[len(each), 1] for each in questions], dtype=np.float32).reshape(-1, 2)


def test_each_text_is_encoded_once_and_comes_back_in_order():
    encode = Encoder()
    vectors = KeptVectors(encode)
    assert vectors(["a", "bcd", "a"]).tolist() == [[1, 1], [3, 1], [1, 1]]
    assert vectors(["ef", "bcd"]).tolist() == [[2, 1], [3, 1]]
    assert vectors([]).shape == (0, 2)
    assert encode.seen == ["a", "bcd", "ef"]


def test_whoever_is_told_how_far_it_is_can_end_it():
    encode = Encoder()

    def stop(done, of):
        raise InterruptedError(f"{done} of {of}")

    with pytest.raises(InterruptedError, match="64 of 200"):
        KeptVectors(encode)([str(n) for n in range(200)], stop)
    assert len(encode.seen) == 64
