"""The tables that Pandoc draws in Markdown, in frames or above and below rules → tables of HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from qa_core.documents.blocks import clean
from qa_core.documents.tables import Cell, Grid
from qa_core.documents.text.tables import text_table

_FRAME = re.compile(r" *\+(?:[-=:]+\+)+\s*")
_COLUMNS = re.compile(r" *-{2,}(?: +-{2,})+\s*")
_EDGE = re.compile(r" *-{5,}\s*")  # above and below a table whose rows have several lines
_CAPTION = re.compile(r" *(?:[Tt]able)?: +(\S.*)")
_ATTRIBUTES = re.compile(r"\s*\{[^{}]*\}$")
_MOST_HEAD_LINES = 4
_MOST_LINES = 1_000  # of a table
_SIGN = re.compile(r"^(?=[#>]|[-+*]+$)|(?<=\d)(?=[.)]$)")  # what Markdown would not show


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A table, its head first, and the line that it ends with."""

    rows: Sequence[Sequence[Cell]]
    n_head: int
    end: int


def without_drawn_tables(lines: Sequence[str], is_code: Sequence[bool]) -> Iterator[str]:
    """The lines, tables as HTML whose cells are Markdown."""
    at = 0
    while at < len(lines):
        is_first = at == 0 or not lines[at - 1].strip()
        table = None if is_code[at] else _framed(lines, at) or (_ruled(lines, at) if is_first else None)
        if table is None:
            yield lines[at]
            at += 1
            continue
        caption, end = _caption(lines, table.end)
        indent = " " * (len(lines[at]) - len(lines[at].lstrip()))
        yield from ("", *([f"{indent}*{caption}*", ""] if caption else []))
        yield from _as_html(table, indent)
        at = end + 1


def _caption(lines: Sequence[str], end: int) -> tuple[str, int]:
    """What a table is called, and the line that this or the table ends with."""
    first = end + 2
    found = _CAPTION.fullmatch(lines[first]) if first < len(lines) and not lines[end + 1].strip() else None
    if found is None:
        return "", end
    last = first
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    text = " ".join([found[1], *(line.strip() for line in lines[first + 1 : last + 1])])
    return _ATTRIBUTES.sub("", text.strip()), last


def _framed(lines: Sequence[str], first: int) -> _Drawn | None:
    """A table in frames of `+`, `-` and `|`; the cells of one without merged ones keep their lines."""
    if not _FRAME.fullmatch(lines[first]):
        return None
    end = first
    while end + 1 < len(lines) and lines[end + 1].strip()[:1] in ("+", "|"):
        end += 1
    drawn = textwrap.dedent("\n".join(lines[first : end + 1])).split("\n")
    edges = [at for at, sign in enumerate(drawn[0]) if sign == "+"]
    rules = [at for at, line in enumerate(drawn) if _FRAME.fullmatch(line)]
    if rules[-1] != len(drawn) - 1 or len(rules) < 2:
        return None
    if any(line[at : at + 1] not in ("+", "|") for line in drawn for at in edges):
        grid = text_table([re.sub(":(?=[-=+])|(?<=[-=]):", "-", line) for line in drawn])
        return None if grid is None else _Drawn(grid.rows, grid.n_head or 0, end)
    bands = [drawn[a + 1 : b] for a, b in pairwise(rules)]
    spans = list(pairwise(edges))
    rows = [[_dedented([line[a + 1 : b] for line in band]) for a, b in spans] for band in bands]
    n_head = next((n for n, at in enumerate(rules) if "=" in drawn[at]), 0)
    return _Drawn(rows, n_head, end)


def _dedented(lines: Sequence[str]) -> Cell:
    return Cell(textwrap.dedent("\n".join(line.rstrip() for line in lines)).strip("\n"))


def _ruled(lines: Sequence[str], first: int) -> _Drawn | None:
    """A table whose columns stand under the parts of a rule, below their names or without any."""
    is_edged = _EDGE.fullmatch(lines[first]) is not None
    top = first + is_edged
    rule = next(
        (at for at in range(top, min(top + _MOST_HEAD_LINES, len(lines))) if _COLUMNS.fullmatch(lines[at])),
        -1,
    )
    if rule < 0 or not all(line.strip() for line in lines[top:rule]) or (rule > top + 1 and not is_edged):
        return None
    body = _body(lines, rule, is_edged=is_edged, is_headed=rule > top)
    starts = [found.start() for found in re.finditer("-+", lines[rule])]
    head = lines[top:rule]
    if body is None or any(line[at - 1 : at].strip() for line in head for at in starts[1:]):
        return None
    parts, end = body
    names = [_cut(head, starts)] if head else []
    return _Drawn([*names, *(_cut(part, starts) for part in parts)], len(names), end)


def _body(
    lines: Sequence[str], rule: int, *, is_edged: bool, is_headed: bool
) -> tuple[list[Sequence[str]], int] | None:
    """The lines of each row below a rule, and where the table ends; None if nothing ends it."""
    closing = _EDGE if is_edged else _COLUMNS
    below = range(rule + 1, min(rule + _MOST_LINES, len(lines)))
    gap = next((at for at in below if not lines[at].strip()), below.stop)
    closed = [at for at in below if closing.fullmatch(lines[at])]
    end = next((at for at in closed if at + 1 == len(lines) or not lines[at + 1].strip()), None)
    if is_headed and not is_edged:
        last = gap - 1 if end is None or end > gap else end - 1
        return ([[line] for line in lines[rule + 1 : last + 1]], gap - 1) if last > rule else None
    if end is None or end == rule + 1:
        return None
    within = lines[rule + 1 : end]
    if all(line.strip() for line in within) and not is_edged:
        return [[line] for line in within], end
    groups = groupby(within, key=lambda line: bool(line.strip()))
    return [list(group) for is_row, group in groups if is_row], end


def _cut(lines: Sequence[str], starts: Sequence[int]) -> list[Cell]:
    """The text below each part of the rule; what reaches to the left of the first belongs to it."""
    bounds = [0, *starts[1:], max(map(len, lines))]
    return [Cell(clean(" ".join(line[a:b] for line in lines))) for a, b in pairwise(bounds)]


def as_html(grid: Grid) -> Iterator[str]:
    """A table as HTML whose cells are Markdown."""
    yield from ("", *_as_html(_Drawn(grid.rows, grid.n_head or 0, 0), ""))


def _as_html(table: _Drawn, indent: str) -> Iterator[str]:
    yield f"{indent}<table>"
    for at, row in enumerate(table.rows):
        tag = "th" if at < table.n_head else "td"
        yield f"{indent}<tr>"
        for cell, places in groupby(row):
            shown = cell.text if "\n" in cell.text else _SIGN.sub(r"\\", cell.text)
            yield from (f'{indent}<{tag} colspan="{len(list(places))}">', "")
            yield from (f"{indent}{line}" for line in shown.split("\n"))
            yield from ("", f"{indent}</{tag}>")
        yield f"{indent}</tr>"
    yield from (f"{indent}</table>", "")
