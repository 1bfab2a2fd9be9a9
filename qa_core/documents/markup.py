"""What the readers of markups that are turned into Markdown share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

Part = tuple[int, list[str]]  # where a block ends, and its Markdown
ReadBlock = Callable[[Sequence[str], int, int], Part]  # (lines, where it begins, depth)

MAX_DEPTH = 20  # of blocks in each other
FENCE = "`" * 20  # as long at least is what code stands between
_CODE = re.compile(rf"(^ *{FENCE}.*?^ *{FENCE}`*$)", re.DOTALL | re.MULTILINE)


def read_blocks(lines: Sequence[str], depth: int, read_block: ReadBlock) -> Iterator[str]:
    """The lines as Markdown, block by block; below MAX_DEPTH as they are."""
    at = 0 if depth <= MAX_DEPTH else len(lines)
    yield from lines[:at]
    while at < len(lines):
        if not lines[at].strip():
            yield ""
            at += 1
            continue
        at, part = read_block(lines, at, depth)
        yield from part


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with a change to all but its code."""
    parts = _CODE.split(text)  # every second one is code
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))
