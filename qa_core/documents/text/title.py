"""The title of a plain text: a banner above everything, or the heading above the chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from qa_core.documents.blocks import REMARK, Block, Heading, Line, clean

_FRAME = "*#|+=-_~ \t│┃║─━═┌┐└┘╔╗╚╝┏┓┗┛"
_NUMBERED = re.compile(
    r"\(?(?:(?:[A-Z]\.?)?\d[\d.]*[.)]?|[A-Z][.)]|[IVX]+[.)])\s|(?i:chapter|section|part|appendix)\s"
)
_COLUMNS = re.compile(r"[|│┃║]")
_NAME = re.compile(r"(?=.*[^\W\d_]{3})[A-ZÀ-Þ0-9\"“„].{0,78}[^\s.,:;!?]")
# What stands in front of chapters or beside a title, and names no manual.
_NO_NAME = re.compile(
    r"(?:about|abstract|contents|copyright|disclaimer|einleitung|foreword|inhalt\w*|introduction|licen[cs]e"
    r"|overview|page|preface|release|rev(?:ision)?|table of|version|vorwort)\b.*|(?:\(c\)|©).*|.*:\s.*"
    rf"|(?:general|safety)(?: (?:information|instructions|notes|precautions|remarks))?|{REMARK}",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"(?:table of )?contents|index|inhalt(?:sverzeichnis)?", re.IGNORECASE)
_OFF_CENTRE = 2.0  # letters by which centred lines miss each other's middle
_FEWEST_BEFORE = 4  # spaces in front of a centred line
_LONGEST_BELOW = 40  # words between a title and the chapters, if those are not numbered


def banner(lines: Sequence[str]) -> list[str]:
    """The first lines of a text, its title and what stands beside it; nothing if they are no banner.

    In one, a line stands alone, or all stand in a frame or centred.
    """
    inner = [line for line in lines if line.strip(_FRAME)]
    if not inner or not (len(lines) == 1 or _are_framed(lines, inner) or _are_centred(lines)):
        return []
    names = [clean(line.strip(_FRAME)) for line in inner]
    return names if _is_name(names[0]) else []


def _are_framed(lines: Sequence[str], inner: Sequence[str]) -> bool:
    """Whether a rule stands above and below lines that nothing parts into columns."""
    is_ruled = not lines[0].strip(_FRAME) and not lines[-1].strip(_FRAME)
    return is_ruled and not any(_COLUMNS.search(line.strip(_FRAME)) for line in inner)


def _are_centred(lines: Sequence[str]) -> bool:
    """Whether each line has its middle below that of the one above, and not its beginning, as prose has."""
    indents = [len(line) - len(line.lstrip()) for line in lines]
    middles = [(indent + len(line.rstrip())) / 2 for indent, line in zip(indents, lines, strict=True)]
    is_below = all(abs(a - b) <= _OFF_CENTRE for a, b in pairwise(middles))
    return is_below and min(indents) >= _FEWEST_BEFORE and len(set(indents)) > 1


def titled(names: Sequence[str], blocks: Sequence[Block]) -> list[Block]:
    """The blocks below a title and the lines beside it, their headings below it as well."""
    title, *others = names
    return [Heading(1, title), *(Line("paragraph", text) for text in others), *_lowered(blocks)]


def with_title(blocks: Sequence[Block]) -> list[Block]:
    """The blocks; a heading in front that is the title of those that follow stands above them."""
    if _has_title(blocks):
        return titled([clean(blocks[0].text.strip(_FRAME))], blocks[1:])
    return list(blocks)


def only_title(blocks: Sequence[Block]) -> str | None:
    """The heading that a text begins with and that no other follows."""
    headings = [block for block in blocks if isinstance(block, Heading)]
    is_title = len(headings) == 1 and headings[0] is blocks[0] and headings[0].level == 1
    return headings[0].text if is_title and _is_name(headings[0].text) else None


def _lowered(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield replace(block, level=block.level + 1) if isinstance(block, Heading) else block


def _has_title(blocks: Sequence[Block]) -> bool:
    """Whether the first block is a heading on the level of the chapters that it titles.

    They are numbered and it is not; or the first has sections, while it has nothing but a few words.
    """
    headings = [b for b in blocks if isinstance(b, Heading) and not _CONTENTS.fullmatch(b.text)]
    if len(headings) < 2 or headings[0] is not blocks[0] or headings[1].level > headings[0].level:
        return False
    if not _is_name(headings[0].text.strip(_FRAME)):
        return False
    below = takewhile(lambda block: isinstance(block, Line), blocks[1:])
    is_short = sum(len(block.text.split()) for block in below) <= _LONGEST_BELOW
    has_sections = len(headings) > 2 and headings[2].level > headings[1].level
    return _NUMBERED.match(headings[1].text) is not None or (is_short and has_sections)


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and not _NUMBERED.match(text) and not _NO_NAME.fullmatch(text)
