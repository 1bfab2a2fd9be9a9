"""Numbers of steps that fill their indent, so that the text follows without a gap, as in `10.Close it`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf

from qa_core.documents.pdf.page import Page, Word

_MARK = re.compile(r"(\d{1,2})[.)]")
_FILLED = re.compile(r"((\d{2})[.)])[A-ZÀ-Þ\"“„].*")
_NEAR = 8.0  # points within which the numbers of a list begin, flush left or right


def with_parted_marks(pages: Iterable[Page]) -> list[Page]:
    """The pages, each number with text behind it parted from that where it counts on in a list."""
    begun: dict[int, float] = {}  # where each number of a step was last
    return [replace(page, words=tuple(_parted(page.words, begun))) for page in pages]


def _parted(words: Sequence[Word], begun: dict[int, float]) -> Iterator[Word]:
    for word in words:
        filled = _FILLED.fullmatch(word.text)
        if filled and abs(begun.get(int(filled[2]) - 1, inf) - word.x0) <= _NEAR:
            begun[int(filled[2])] = word.x0
            middle = word.x0 + (word.x1 - word.x0) * len(filled[1]) / len(word.text)
            yield replace(word, text=filled[1], x1=middle)
            yield replace(word, text=word.text[len(filled[1]) :], x0=middle)
            continue
        if mark := _MARK.fullmatch(word.text):
            begun[int(mark[1])] = word.x0
        yield word
