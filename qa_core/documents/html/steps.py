"""Steps of HTML whose numbers stand in elements of their own: `<span>1</span><p>Open it.</p>`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa_core.documents.blocks import Block, Heading, Line

_NUMBER = re.compile(r"(?:step\s+)?(\d{1,2})[.):]?", re.IGNORECASE)
_FEWEST = 2


def with_numbered_steps(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks; numbers that count up from 1 on lines of their own lead the paragraphs below them."""
    numbers = _counted(blocks)
    for at, block in enumerate(blocks):
        if at in numbers:
            continue
        if isinstance(block, Line) and (number := numbers.get(at - 1)):
            yield Line("step", block.text, block.level, number)
        else:
            yield block


def _counted(blocks: Sequence[Block]) -> dict[int, int]:
    """The numbers of steps by their position, of runs of two or more below one heading."""
    found: dict[int, int] = {}
    run: dict[int, int] = {}
    for at, block in enumerate(blocks):
        number = _number_of(blocks, at)
        if isinstance(block, Heading) or (number is not None and number != len(run) + 1):
            found |= run if len(run) >= _FEWEST else {}
            run = {}
        if number == len(run) + 1:
            run[at] = number
    return found | (run if len(run) >= _FEWEST else {})


def _number_of(blocks: Sequence[Block], at: int) -> int | None:
    """The number that stands alone on a line with a paragraph of words below it."""
    pair = blocks[at : at + 2]
    lines = [block for block in pair if isinstance(block, Line) and block.kind == "paragraph"]
    if len(lines) < 2 or not any(map(str.isalpha, lines[1].text)) or _NUMBER.fullmatch(lines[1].text):
        return None
    found = _NUMBER.fullmatch(lines[0].text)
    return int(found[1]) if found else None
