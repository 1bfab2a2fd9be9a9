"""Examples → features: windows whose tokens are labelled with the answer's start and end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qa_core.windows import Context, Window, Windower
from training.examples import Example


@dataclass(frozen=True, slots=True)
class Feature:
    """A window and the tokens at which its answer starts and ends (both the null token if none)."""

    window: Window
    start: int
    end: int
    example_index: int


def make_features(examples: Sequence[Example], windower: Windower) -> list[Feature]:
    """All windows of all examples. An answer that a window does not hold whole is null there."""
    features = []
    for index, example in enumerate(examples):
        context = Context(example.context, example.heading_path)
        for window in windower.windows(example.question, [context]):
            start, end = span_tokens(window, example.start, example.end)
            features.append(Feature(window, start, end, index))
    return features


def span_tokens(window: Window, start: int | None, end: int | None) -> tuple[int, int]:
    """The first and last token of the characters `[start, end)`; the null token twice if cut off."""
    if start is None or end is None:
        return window.null_token, window.null_token
    offsets = window.offsets[window.first : window.last]
    overlapping = np.flatnonzero((offsets[:, 1] > start) & (offsets[:, 0] < end))
    cut = not len(overlapping) or offsets[overlapping[0], 0] > start or offsets[overlapping[-1], 1] < end
    if cut:
        return window.null_token, window.null_token
    return window.first + int(overlapping[0]), window.first + int(overlapping[-1])


def contexts_of(examples: Iterable[Example]) -> list[str]:
    """The distinct contexts, in order of appearance."""
    return list(dict.fromkeys(example.context for example in examples))
