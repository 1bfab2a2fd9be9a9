"""Plain text → blocks: headings by underline, numbering or capitals; wrapped lines joined again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa_core.documents.blocks import Block, Content, Heading, Line, clean, typed_line
from qa_core.documents.tables import Cell, Grid, table_lines

_UNDERLINE = re.compile(r"\s*(?:(={3,})|(-{3,})|(~{3,})|(\*{3,}))\s*")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+(\S.*)")
_CHAPTER = re.compile(r"(?:chapter|section|part|appendix)\s+(?:\d+|[A-Z])\b.*", re.IGNORECASE)
_CONTENTS_LINE = re.compile(r".*(?:\.{4,}|(?:\. ){3,}|\t)\s*\d+\s*")
_GAP = re.compile(r"\s{3,}|\t+")
_MARKED = re.compile(r"\s*(?:[•●○▪■◦‣·*]|[-–—]|\d{1,3}[.)])\s+\S")
_LONGEST_HEADING = 80
_FORM_FEED = "\f"


def read_text(text: str) -> Content:
    """The content of a plain text file."""
    lines = text.replace(_FORM_FEED, "\n\n").expandtabs(4).split("\n")
    return Content(tuple(_blocks(_paragraphs(lines))))


def _paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Groups of lines with no empty line between them; a heading and its underline stand alone."""
    group: list[str] = []
    for line in lines:
        if not clean(line):
            if group:
                yield group
            group = []
        elif _UNDERLINE.fullmatch(line) and group:
            *before, title = group
            if before:
                yield before
            yield [title, line]
            group = []
        elif not _UNDERLINE.fullmatch(line) and not _CONTENTS_LINE.fullmatch(line):
            group.append(line)
    if group:
        yield group


def _blocks(paragraphs: Iterator[list[str]]) -> Iterator[Block]:
    for lines in paragraphs:
        heading = _heading(lines)
        if heading:
            yield heading
        elif _is_table(lines):
            rows = tuple(tuple(Cell(clean(cell)) for cell in _GAP.split(line.strip())) for line in lines)
            yield from table_lines(Grid(rows))
        else:
            yield from _joined(lines)


def _heading(lines: Sequence[str]) -> Heading | None:
    title = clean(lines[0])
    if len(lines) == 2 and (underline := _UNDERLINE.fullmatch(lines[1])):
        return Heading(1 if underline[1] or underline[4] else 2, title)
    if len(lines) > 1 or len(title) > _LONGEST_HEADING or title.endswith((".", ",", ";", ":")):
        return None
    numbered = _NUMBERED.fullmatch(title)
    if numbered and ("." in numbered[1] or numbered[2].isupper()):
        return Heading(numbered[1].count(".") + 1, title)
    if _CHAPTER.fullmatch(title):
        return Heading(1, title)
    if title.isupper() and sum(char.isalpha() for char in title) >= 3 and not _MARKED.match(lines[0]):
        return Heading(2, title)
    return None


def _is_table(lines: Sequence[str]) -> bool:
    """Whether every line has the same number of parts, two or more, with wide gaps between them."""
    n_parts = {len(_GAP.split(line.strip())) for line in lines}
    return len(lines) > 1 and len(n_parts) == 1 and n_parts.pop() > 1 and not _MARKED.match(lines[0])


def _joined(lines: Sequence[str]) -> Iterator[Line]:
    """Paragraphs, steps and bullets of a group, with what was wrapped joined again."""
    outer = min(_indent(line) for line in lines)
    text, level = "", 0
    for line in lines:
        if text and not _MARKED.match(line):
            text = join_wrapped(text, clean(line))
            continue
        if text:
            yield typed_line(text, level)
        text = clean(line)
        if _MARKED.match(line):
            text = re.sub(r"^\*\s+", "• ", text)
            level = (_indent(line) - outer) // 2 and 1
    if text:
        yield typed_line(text, level)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def join_wrapped(text: str, following: str) -> str:
    """Two lines of one paragraph as one: a hyphen at the line's end goes where it only divides a word."""
    if text.endswith("-") and len(text) > 1 and text[-2].islower() and following[:1].islower():
        return text[:-1] + following
    return f"{text} {following}"
