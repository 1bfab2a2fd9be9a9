"""Examples and their features: windows with span labels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa_core.errors import DataError
from qa_core.windows import Context, Window, Windower


@dataclass(frozen=True, slots=True)
class Example:
    """A question on one context; `start` and `end` are None when the context does not answer it."""

    id: str
    question: str
    context: str
    start: int | None
    end: int | None
    heading_path: tuple[str, ...] = ()

    @property
    def answer(self) -> str | None:
        """The answer's text."""
        return None if self.start is None else self.context[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Feature:
    """A window and the tokens at which its answer starts and ends (both the null token if none)."""

    window: Window
    start: int
    end: int
    example_index: int


def load_squad(path: Path) -> list[Example]:
    """The examples of a file in SQuAD format (v1.1 or v2.0); DataError names a record that is wrong."""
    try:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is not a SQuAD file: {error!r}") from error
    examples = [
        _example(qa, paragraph["context"], article.get("title", ""))
        for article in articles
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]
    if not examples:
        raise DataError(f"{path} holds no question")
    return examples


def _example(qa: dict[str, Any], context: str, title: str) -> Example:
    heading = (title.replace("_", " "),) if title else ()
    if not qa["answers"]:
        return Example(qa["id"], qa["question"], context, None, None, heading)
    text, start = qa["answers"][0]["text"], qa["answers"][0]["answer_start"]
    if context[start : start + len(text)] != text:
        raise DataError(f"Question {qa['id']}: {text!r} does not stand at offset {start} of its context")
    return Example(qa["id"], qa["question"], context, start, start + len(text), heading)


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
