"""Tables in plain text: frames of `|` and `+`, columns under a broken rule, of spaces, tabs or signs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from qa_core.documents.blocks import clean
from qa_core.documents.tables import Cell, Grid
from qa_core.documents.text_lists import begins_item, without_mark

_RULE = re.compile(r"[\s+|:=-]*(?:--|==)[\s+|:=-]*")
_LONGEST_ROW = 2_000  # letters, of values with signs between
_LONGEST_NAME = 30
_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][^\d.:!?;]*")  # of a column: it begins with no small letter
_CODE = re.compile(r"[={}]|[;,]\s*$")
_COLON = re.compile(r":\s")
_SEGMENT = re.compile(r"[-=]{2,}")
_GAP = re.compile(r"\s{3,}|\t+")
_PART = re.compile(r"\S+(?:\s{1,2}\S+)*")
_LED = re.compile(r"\s*(\S.*?)\s*(?:\.{3,}|(?:\. ){3,})\s*([^\s.].*)")


def text_table(lines: Sequence[str]) -> Grid | None:
    """The table that some lines without an empty one between them are, or None."""
    is_list = bool(lines) and begins_item(lines[0])
    lines = [without_mark(line) for line in lines]
    rules = [i for i, line in enumerate(lines) if _RULE.fullmatch(line)]
    rows = [line for i, line in enumerate(lines) if i not in rules]
    if not rows:
        return None
    if len(lines) > 1 and all(line.strip()[0] == "|" == line.strip()[-1] for line in rows):
        return _framed(lines, rules)
    ruled = next((i for i in rules if len(_SEGMENT.findall(lines[i])) > 1), None)
    if ruled is not None and len(rows) > 1:
        lines, rows = [line.expandtabs() for line in lines], [row.expandtabs() for row in rows]
        starts = [match.start() for match in _SEGMENT.finditer(lines[ruled])]
        n_head = sum(1 for line in lines[:ruled] if line in rows) or _head_between(rules)
        return _in_columns(rows, starts, n_head)
    if rules:
        return None
    return _led(rows) or (None if is_list else _delimited(rows) or _spaced(rows))


def _head_between(rules: Sequence[int]) -> int:
    """How many lines stand between the first two rules, where a third one ends the table."""
    return rules[1] - rules[0] - 1 if len(rules) > 2 else 0


def _framed(lines: Sequence[str], rules: Sequence[int]) -> Grid:
    """A row is what stands between two rules; with one rule below the head, a line is one.

    A line with nothing in its first cell goes on with the row above in any case.
    """
    edges = [-1, *rules, len(lines)]
    blocks = [lines[a + 1 : b] for a, b in pairwise(edges) if b - a > 1]
    is_line_a_row = len(blocks) <= 2
    rows: list[list[str]] = []
    for block in blocks:
        for i, line in enumerate(block):
            cells = [clean(cell) for cell in line.strip()[1:-1].split("|")]
            if i and (not is_line_a_row or not cells[0]):
                rows[-1] = [clean(" ".join(pair)) for pair in zip(rows[-1], cells, strict=False)]
            else:
                rows.append(cells)
    is_headed = "=" in "".join(lines[i] for i in rules[1:2]) or (is_line_a_row and len(rows) > 2)
    return Grid(tuple(tuple(map(Cell, row)) for row in rows), 1 if is_headed and len(blocks) > 1 else None)


def _led(lines: Sequence[str]) -> Grid | None:
    """Names and values with dots between them, a pair a line."""
    pairs = [_LED.fullmatch(line) for line in lines]
    if len(lines) < 2:
        return None
    rows = [tuple(Cell(clean(part)) for part in pair.groups()) for pair in pairs if pair is not None]
    return Grid(tuple(rows)) if len(rows) == len(lines) else None


def _delimited(lines: Sequence[str]) -> Grid | None:
    """Values with semicolons or commas between, as spreadsheets write them; a space behind one is prose.

    Between commas only where the first row is names: commas part thousands, decimals and sentences, too.
    """
    if len(lines) < 3 or max(map(len, lines)) > _LONGEST_ROW or any(map(_CODE.search, lines)):
        return None
    for sign in ";,":
        rows = list(csv.reader(lines, delimiter=sign))
        is_table = len(rows) == len(lines) and len({len(row) for row in rows}) == 1 < len(rows[0])
        if is_table and _are_values(rows) and (sign == ";" or _is_plainly_headed(rows)):
            return Grid(tuple(tuple(Cell(clean(cell)) for cell in row) for row in rows))
    return None


def _are_values(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows are no sentences, no code, no lines that end in the sign and no names with colons."""
    cells = [cell for row in rows for cell in row]
    return (
        not any(cell.startswith(" ") or cell.count("(") != cell.count(")") for cell in cells)
        and any(row[-1].strip() for row in rows)
        and not all(_COLON.search(row[0]) for row in rows)
    )


def _is_plainly_headed(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is short names, and what is below no numbers that a comma parts."""
    is_headed = all(_NAME.fullmatch(cell) and len(cell) <= _LONGEST_NAME for cell in rows[0])
    is_number = len(rows[0]) == 2 and all(a[-1:].isdigit() and b[:1].isdigit() for a, b in rows[1:])
    return is_headed and not is_number


def _spaced(lines: Sequence[str]) -> Grid | None:
    """Columns of spaces alone: as many parts in every line, or parts that begin below the first line's."""
    if len(lines) < 2:
        return None
    parts = [_GAP.split(line.strip()) for line in lines]
    if len(parts[0]) < 2:
        return None
    if len({len(line) for line in parts}) == 1:
        return Grid(tuple(tuple(Cell(clean(cell)) for cell in line) for line in parts))
    lines = [line.expandtabs() for line in lines]
    starts = [match.start() for match in _PART.finditer(lines[0])]
    if len(starts) < 2 or any(not _fits(line, starts) for line in lines):
        return None
    return _in_columns(lines, starts, 0)


def _fits(line: str, starts: Sequence[int]) -> bool:
    return all(match.start() in starts for match in _PART.finditer(line))


def _in_columns(lines: Sequence[str], starts: Sequence[int], n_head: int) -> Grid:
    """Lines cut where the columns begin; one with nothing in the first column goes on with the row above."""
    rows: list[list[str]] = []
    for line in lines:
        cells = list(_cut(line, starts))
        if rows and not cells[0] and len(rows) > n_head:
            rows[-1] = [clean(f"{above} {cell}") for above, cell in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return Grid(tuple(tuple(Cell(cell) for cell in row) for row in rows), n_head or None)


def _cut(line: str, starts: Sequence[int]) -> Iterator[str]:
    for first, last in pairwise([0, *starts[1:], max(len(line), starts[-1])]):
        yield clean(line[first:last])
