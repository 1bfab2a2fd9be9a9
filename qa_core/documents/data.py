"""What no person wrote is left out: data between the words, as of a picture or an attachment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_core.documents.blocks import Block, Line

# Other scripts than Latin, Greek and Cyrillic have words without a space between them.
_WRITTEN = "[!-\u052f]"
_DATA = re.compile(f" ?(?<!{_WRITTEN}){_WRITTEN}{{2000,}}+")

# Base64 and hexadecimal digits in lines of one width: 64 and 76 are usual.
_FULL_LINE = re.compile(r"[A-Za-z0-9+/]{60,}")
_LAST_LINE = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}|[A-Za-z0-9+/]+={1,2}")
_KEY_BEGINS = "-----"  # ends the line above a certificate or a key, which somebody is to paste
_LEAST_LINES = 8  # with fewer it may be an example of a key that somebody is to type

_Word = tuple[int, re.Match[str]]  # the number of its block, and where it stands there


def without_data(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks without what no person wrote: thousands of characters without a space, lines of digits."""
    kept = []
    for block, rest in zip(blocks, _without_lines(blocks), strict=True):
        text = _DATA.sub("", rest)
        if text == block.text:
            kept.append(block)
        elif text.strip():
            kept.append(replace(block, text=text.strip()))
    return tuple(kept)


def n_characters(blocks: Sequence[Block]) -> int:
    """How long the texts of the blocks are together."""
    return sum(len(block.text) for block in blocks)


def _without_lines(blocks: Sequence[Block]) -> list[str]:
    """The texts of the blocks without the lines that data was broken into; readers may have joined these."""
    texts = [block.text for block in blocks]
    for at, word in reversed([word for run in _runs(blocks) for word in run]):
        texts[at] = texts[at][: word.start()] + texts[at][word.end() :].lstrip()
    return texts


def _runs(blocks: Sequence[Block]) -> Iterator[list[_Word]]:
    """Lines of one width, one after the other, each run with its last line, which may be shorter."""
    run: list[_Word] = []
    led_by = above = ""
    for at, word in _words(blocks):
        text = word[0] if word else ""
        if word and run and _FULL_LINE.fullmatch(text) and len(text) == len(run[0][1][0]):
            run.append((at, word))
            continue
        if len(run) >= _LEAST_LINES and not led_by.endswith(_KEY_BEGINS):
            is_last = word and len(text) <= len(run[0][1][0]) and _LAST_LINE.fullmatch(text)
            yield [*run, (at, word)] if word and is_last else run
        run = [(at, word)] if word and _FULL_LINE.fullmatch(text) else []
        led_by, above = above, text


def _words(blocks: Sequence[Block]) -> Iterator[tuple[int, re.Match[str] | None]]:
    """The words of all blocks in order; None in the place of what ends a run, and at the end."""
    for at, block in enumerate(blocks):
        if not isinstance(block, Line) or block.kind in ("bullet", "step"):
            yield at, None
        if isinstance(block, Line):
            yield from ((at, word) for word in re.finditer(r"\S+", block.text))
    yield len(blocks), None
