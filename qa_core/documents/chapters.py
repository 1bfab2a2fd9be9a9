"""Chapters whose number stands on a line of its own, above their title: both are one heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from qa_core.documents.blocks import Block, Heading, Line, with_colon

_LABEL = re.compile(
    r"(?:chapter|section|part|appendix|kapitel|teil|anhang)\s+(?:\d{1,2}|[A-Z]|[IVX]{1,5})[.:]?",
    re.IGNORECASE,
)
_TITLE = re.compile(r"[A-ZÀ-Þ](?:.{0,70}[^\s.,:;!?])?")


def titled_chapter(label: str, title: str) -> str:
    """`Chapter 1` and the title below it as one, or nothing if they are something else."""
    if not _LABEL.fullmatch(label) or _LABEL.fullmatch(title) or not _TITLE.fullmatch(title):
        return ""
    return f"{with_colon(label)} {title}"


def with_titled_chapters(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, each heading that only counts a chapter joined to its title."""
    inner = _inner_levels(blocks)
    label: Heading | None = None
    for block, below in zip(blocks, (*blocks[1:], None), strict=True):
        if label is not None:
            level = min(label.level, block.level) if isinstance(block, Heading) else label.level
            yield Heading(level, titled_chapter(label.text, block.text), label.page)
            label = None
        elif isinstance(block, Heading) and below and _is_title(block, below, inner):
            label = block
        else:
            yield block


def _is_title(label: Heading, below: Block, inner: set[int]) -> bool:
    """Whether the block below says what a chapter is called, and is not its first section."""
    is_below = isinstance(below, Heading) and below.level > label.level and below.level in inner
    is_listed = isinstance(below, Line) and below.kind != "paragraph"
    return not is_below and not is_listed and titled_chapter(label.text, below.text) != ""


def _inner_levels(blocks: Sequence[Block]) -> set[int]:
    """The levels of headings that stand elsewhere than right below the number of a chapter."""
    return {
        block.level
        for above, block in pairwise((None, *blocks))
        if isinstance(block, Heading)
        and not (isinstance(above, Heading) and titled_chapter(above.text, block.text))
    }
