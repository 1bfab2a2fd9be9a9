"""Examples → features: windows whose tokens are labelled with the answer's start and end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_core.windows import Context, Window, Windower
from training.reading.examples import Example

_UNSEEN = ("Mn", "Cf", "Cc", "Co")  # categories of characters that tokenizers drop


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
            start, end = span_tokens(window, example)
            features.append(Feature(window, start, end, index))
    return features


def span_tokens(window: Window, example: Example) -> tuple[int, int]:
    """The first and last token of the example's answer; the null token twice if it is cut off or none.

    Accents, joiners and the like at its ends are not missed where no token stands for them.
    """
    if example.start is None or example.end is None:
        return window.null_token, window.null_token
    offsets = window.offsets[window.first : window.last]
    start, end = _seen(offsets, example.context, example.start, example.end)
    overlapping = np.flatnonzero((offsets[:, 1] > start) & (offsets[:, 0] < end))
    cut = not len(overlapping) or offsets[overlapping[0], 0] > start or offsets[overlapping[-1], 1] < end
    if cut:
        return window.null_token, window.null_token
    return window.first + int(overlapping[0]), window.first + int(overlapping[-1])


def _seen(offsets: npt.NDArray[np.int64], text: str, start: int, end: int) -> tuple[int, int]:
    """The characters `[start, end)` without those at either end that no token covers and none ever would."""

    def is_dropped(at: int) -> bool:
        unseen = unicodedata.category(text[at]) in _UNSEEN or text[at].isspace() or text[at] == "\ufffd"
        return unseen and not ((offsets[:, 0] <= at) & (offsets[:, 1] > at)).any()

    while start < end and is_dropped(start):
        start += 1
    while start < end and is_dropped(end - 1):
        end -= 1
    return start, end


def contexts_of(examples: Iterable[Example]) -> list[str]:
    """The distinct contexts, in order of appearance."""
    return list(dict.fromkeys(example.context for example in examples))
