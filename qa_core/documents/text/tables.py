"""Tables in plain text: frames of `|` and `+`, columns under a broken rule, of spaces, tabs or signs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from qa_core.documents.blocks import clean
from qa_core.documents.tables import Cell, Grid
from qa_core.documents.text.grids import merged_grid
from qa_core.documents.text.lists import begins_item, without_mark

UNDERLINE = re.compile(r"\s*(?:(={3,})|(-{3,})|(~{3,})|(\*{3,}))\s*")
_RULE = re.compile(r"[\s+|:=-]*(?:--|==)[\s+|:=-]*")
_LONGEST_ROW = 2_000  # letters, of values with signs between
_LONGEST_NAME = 30
_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][^\d.:!?;]*")  # of a column: it begins with no small letter
_CODE = re.compile(r"[={}]|[;,]\s*$")
_COLON = re.compile(r":\s")
_SEGMENT = re.compile(r"[-=]{2,}")
_GAP = re.compile(r"\s{3,}|\t+")
_PART = re.compile(r"\S+(?:\s{1,2}\S+)*")
_HEADING = re.compile(  # a mark, and the words of a title: `1.2   Loading paper`, `Step 3:   Loading`
    r"\s*(?:\d{1,2}(?:\.\d{1,2})*\.?|\(?(?:[A-Za-z]|[ivxIVX]+)[.)]|(?:[A-Z]|[IVX]+)(?=\s+\w{2})|Chapter"
    r"|(?:Appendix|Chapter|Part|Section|Step)\s(?:\d+|[A-Z])[.:)]?|[^\W\d_]+:(?!.*:\s*$))\s+\S+(?:\s\S+)*\s*",
)
_COUNTED = re.compile(r"\s*(?:#|(?:No|Nr|Pos|Item|Step)\b)")  # columns of numbers
_WIDE = re.compile(r"(?:\s\s|\t)\S")
_TWO_SPACES = re.compile(r"\s*\S+(?:\s\S+)*\s\s(\S+(?:\s\S+)*)")
_MOST_HEAD_LINES = 4
_BOX = str.maketrans("│┃║─━═┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝┏┳┓┣╋┫┗┻┛╒╤╕╞╪╡╘╧╛", "|||---" + "+" * 36)
_LED = re.compile(r"(\S.*?) ?(?:\.{3,}|(?:\. ){3,}) ?([^\s.].*)")


def text_table(lines: Sequence[str]) -> Grid | None:
    """The table that some lines without an empty one between them are, or None."""
    is_list = bool(lines) and begins_item(lines[0])
    lines = _framed_anew([without_mark(line).translate(_BOX) for line in lines])
    rules = [i for i, line in enumerate(lines) if _RULE.fullmatch(line)]
    rows = [line for i, line in enumerate(lines) if i not in rules]
    if not rows:
        return None
    if any("+--" in row for row in rows) or len({row.count("|") for row in rows}) > 1:
        merged = merged_grid(lines)
        if merged is not None:
            return merged
    if len(lines) > 1 and all(line.strip()[0] == "|" == line.strip()[-1] for line in rows):
        return _framed(lines, rules)
    ruled = next((i for i in rules if len(_SEGMENT.findall(lines[i])) > 1), None)
    if ruled is not None and len(rows) > 1:
        lines, rows = [line.expandtabs() for line in lines], [row.expandtabs() for row in rows]
        starts = [match.start() for match in _SEGMENT.finditer(lines[ruled])]
        n_head = sum(1 for line in lines[:ruled] if line in rows) or _head_between(rules)
        return _in_columns(rows, starts, n_head)
    if rules:
        return _headed(lines, rules)
    return _led(rows) or (None if is_list else _delimited(rows) or _spaced(rows))


def _framed_anew(lines: Sequence[str]) -> list[str]:
    """Lines with as many bars each, two or more, or with a rule below the first, with bars around them."""
    counts = {line.count("|") for line in lines if not _RULE.fullmatch(line)}
    is_open = not any(line.strip()[:1] in ("|", "+") or line.strip()[-1:] in ("|", "+") for line in lines)
    is_ruled = len(lines) > 2 and _RULE.fullmatch(lines[1]) is not None
    is_framed = is_open and len(lines) > 2 and len(counts) == 1 and min(counts) > (0 if is_ruled else 1)
    if is_framed and (is_ruled or not _repeats_first(lines)):
        return [f"|{line}|" for line in lines]
    return list(lines)


def _repeats_first(lines: Sequence[str]) -> bool:
    """Whether a part of the first line stands again below, as in paths through a menu; it names nothing."""
    first, *rows = [[part.strip() for part in line.split("|")] for line in lines if not _RULE.fullmatch(line)]
    return any(a == b for row in rows for a, b in zip(first, row, strict=True) if a)


def may_name_columns(line: str) -> bool:
    """Whether a line has gaps wider than a space."""
    return _WIDE.search(line) is not None


def n_over_columns(above: Sequence[str], below: Sequence[str]) -> int:
    """How many lines right above an unbroken rule name columns that the lines below it have; 0 if none.

    No heading does: it may have a mark in front, or spaces between its words, and steps below it.
    """
    heads = [without_mark(line).expandtabs() for line in above[-_MOST_HEAD_LINES:]]
    below = [line for line in below if not UNDERLINE.fullmatch(line)]
    if not below or not heads or _is_heading(above[-1], below[0]):
        return 0
    rows = [line.expandtabs() for line in below]
    for n in range(len(heads), 1, -1):
        starts = _column_starts(heads[-n:], rows)
        if starts and all(line[starts[1] :].strip() for line in heads[-n:]):
            return n
    starts = _column_starts(heads[-1:], rows)
    if len(starts) == 2 and not _are_aligned(heads[-1], rows):
        return 0
    return 1 if starts or _parted([above[-1], *below]) else 0


def _is_heading(title: str, below: str) -> bool:
    """Whether a line has a heading's mark in front, or is an item, or has an item below its words."""
    plain = without_mark(title)
    is_counted = begins_item(below) and not _COUNTED.match(plain)
    return is_counted or begins_item(title) or _HEADING.fullmatch(plain) is not None


def _are_aligned(head: str, rows: Sequence[str]) -> bool:
    """Whether the second column begins or ends alike in all lines, where the head has but two spaces."""
    gap = _TWO_SPACES.fullmatch(head.rstrip())
    if gap is None:
        return True
    start, end = gap.start(1), len(head.rstrip())
    begin_alike = all(not row[start - 1 : start].strip() and row[start : start + 1].strip() for row in rows)
    return begin_alike or all(len(row.rstrip()) == end for row in rows)


def _headed(lines: Sequence[str], rules: Sequence[int]) -> Grid | None:
    """Columns under a head that an unbroken rule parts from them."""
    head = [line for i, line in enumerate(lines) if i not in rules and i < rules[0]]
    rows = [line for i, line in enumerate(lines) if i not in rules and i > rules[0]]
    if not head or not rows:
        return None
    if len(head) == 1 and (parts := _parted([*head, *rows])):
        return Grid(tuple(tuple(Cell(clean(cell)) for cell in line) for line in parts), 1)
    head, rows = [line.expandtabs() for line in head], [line.expandtabs() for line in rows]
    starts = _column_starts(head, rows)
    return _in_columns([*head, *rows], starts, len(head)) if starts else None


def _parted(lines: Sequence[str]) -> list[list[str]] | None:
    """The parts of lines that have as many each, two or more, or None."""
    parts = [_GAP.split(line.strip()) for line in lines]
    return parts if len({len(line) for line in parts}) == 1 < len(parts[0]) else None


def _column_starts(head: Sequence[str], rows: Sequence[str]) -> list[int]:
    """Where columns begin: behind what is blank in all lines and wider than one space in the head.

    In most of the rows it is wider, too, at one place at least, as it is not in running text.
    """
    wide = [(a, b) for a, b in _gaps(head, 0, max(len(line.rstrip()) for line in head)) if b - a > 1]
    of_head = [[gap for gap in _gaps(rows, a, b) if gap[0]] for a, b in wide]
    parting = {gap for within in of_head for gap in within if gap[1] - gap[0] > 1}
    parting |= {max(reversed(within), key=lambda gap: gap[1] - gap[0]) for within in of_head if within}
    n_wide = sum(any(_is_wide(row, gap) for gap in parting) for row in rows) if parting else 0
    return [0, *sorted(end for _, end in parting)] if 2 * n_wide > len(rows) else []


def _gaps(lines: Sequence[str], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Where nothing stands in any of the lines, between two places."""
    filled = [at for at in range(first, end) if any(line[at : at + 1].strip() for line in lines)]
    return ((a + 1, b) for a, b in pairwise([first - 1, *filled, end]) if b > a + 1)


def _is_wide(line: str, gap: tuple[int, int]) -> bool:
    """Whether a line has more than one space where there is a gap, and something on both sides."""
    before, behind = line[: gap[0]].rstrip(), line[gap[1] :].lstrip()
    return bool(before and behind) and len(line.rstrip()) - len(before) - len(behind) > 1


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
                rows[-1] = [clean(" ".join(pair)) for pair in zip_longest(rows[-1], cells, fillvalue="")]
            else:
                rows.append(cells)
    is_headed = "=" in "".join(lines[i] for i in rules[1:2]) or (is_line_a_row and len(rows) > 2)
    return Grid(tuple(tuple(map(Cell, row)) for row in rows), 1 if is_headed and len(blocks) > 1 else None)


def _led(lines: Sequence[str]) -> Grid | None:
    """Names and values with dots between them, a pair a line."""
    if len(lines) < 2:
        return None
    pairs = [_LED.fullmatch(clean(line)) for line in lines]
    rows = [tuple(Cell(clean(part)) for part in pair.groups()) for pair in pairs if pair is not None]
    return Grid(tuple(rows)) if len(rows) == len(lines) else None


def _delimited(lines: Sequence[str]) -> Grid | None:
    """Values with semicolons or commas between, as spreadsheets write them; a space behind one is prose.

    Between commas only where the first row is names: commas part thousands, decimals and sentences, too.
    """
    if len(lines) < 3 or max(map(len, lines)) > _LONGEST_ROW or any(map(_CODE.search, lines)):
        return None
    for sign in ";,":
        try:
            rows = list(csv.reader(lines, delimiter=sign))
        except csv.Error:  # a quotation that is never closed, and too long for a cell
            continue
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
    if parts := _parted(lines):
        return Grid(tuple(tuple(Cell(clean(cell)) for cell in line) for line in parts))
    lines = [line.expandtabs() for line in lines]
    starts = [match.start() for match in _PART.finditer(lines[0])]
    if len(starts) < 2 or any(not _fits(line, starts) for line in lines):
        return None
    return _in_columns(lines, starts, 0)


def _fits(line: str, starts: Sequence[int]) -> bool:
    """Whether all parts of a line begin in a column, and none reaches into the next."""
    parts = [(match.start(), match.end()) for match in _PART.finditer(line)]
    return all(first in starts and not any(first < x < end for x in starts) for first, end in parts)


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
