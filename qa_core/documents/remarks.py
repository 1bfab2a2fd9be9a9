"""Signal words that stand apart, as the title of a warning's box: they lead the text of the box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_core.documents.blocks import Block, Line, signal_word


def with_led_remarks(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, each signal word that stands alone joined to the paragraph below: `WARNING: It is hot.`"""
    word = ""  # that waits for its text
    for above, block, below in zip((None, *blocks), blocks, (*blocks[1:], None), strict=False):
        if word:
            yield replace(block, text=f"{word}: {block.text}")
            word = ""
        elif not (word := _leading_word(above, block, below)):
            yield block


def _leading_word(above: Block | None, block: Block, below: Block | None) -> str:
    """The signal word that is all that stands above a text.

    A sign in front of it may look like a bullet; what belongs to a list of several is an item.
    """
    if _kind(below) != "paragraph" or (below and signal_word(below.text)):
        return ""
    is_title = _kind(block) == "paragraph" or (_kind(block) == "bullet" != _kind(above))
    return signal_word(block.text) if is_title else ""


def _kind(block: Block | None) -> str:
    return block.kind if isinstance(block, Line) else ""
