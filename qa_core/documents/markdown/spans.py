"""Where code and maths stand in the paragraphs of Markdown, so that nothing is changed in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

CODE = r"(?<!`)(?P<ticks>`++).+?(?<!`)(?P=ticks)(?!`)"
FENCE = r"\s*(?P<fence>`{3,}(?=[^`]*$)|~{3,})"  # what opens code
MATHS = r"\$\$[^$]++\$\$|\$[^$\n]++\$"
_BEGINS = re.compile(r"\s*(?:[|#]|[-*+]\s|\d{1,9}[.)]\s)")  # a row, a heading or an item


def change_paragraphs(lines: Iterable[str], change: Callable[[str], str]) -> Iterator[str]:
    """The lines, changed with those that a span of code may go on in."""
    paragraph: list[str] = []
    for line in lines:
        if paragraph and (not line.strip() or _BEGINS.match(line)):
            yield from change("\n".join(paragraph)).split("\n")
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield from change("\n".join(paragraph)).split("\n")
