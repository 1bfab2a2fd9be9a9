"""Tables of AsciiDoc: cells behind bars or between commas, in rows of as many as there are columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa_core.documents.tables import Cell, Grid

_BAR = re.compile(
    r"(?:(?<=\s)|^)(?:(?P<times>\d+)\*|(?:(?P<wide>\d+)?(?:\.(?P<high>\d+))?\+)?)"
    r"[<^>]?(?:\.[<^>])?(?P<style>[adehlms]?)(?<!\\)\||(?<!\\)\|",
    re.MULTILINE,
)
_COLUMNS = re.compile(r"\bcols=(?:\"([^\"]*)\"|'([^']*)'|([^,\]\s]+))")
_COLUMN = re.compile(r"\s*(?:(?P<times>\d+)\*)?.*?(?P<style>[adehlms]?)\s*", re.DOTALL)
_HEADED = re.compile(r"%[\w%]*header|\b(?:options|opts)=\"?[^\"\]]*header")
_UNHEADED = re.compile(r"%[\w%]*noheader|noheader")
_FORMAT = re.compile(r"\bformat=\"?(csv|tsv|dsv)\b")
_SEPARATOR = re.compile(r"\bseparator=\"?(\\t|[^\"\s])")
_BETWEEN = {"csv": ",", "tsv": "\t", "dsv": ":"}
_FORMATS = {",": "csv", ":": "dsv"}  # by the sign that a table's edges begin with
_MOST_TIMES = 30


@dataclass(frozen=True, slots=True)
class Form:
    """How the cells of a table are told apart: by a sign in front of each, or between them."""

    sign: str
    is_between: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A cell as it is written."""

    text: str
    wide: int = 1
    high: int = 1
    style: str = ""  # `a` for blocks, `h` for a name; its column's if it has none


def form_of(edge: str, attributes: str) -> Form:
    """The form of a table with edges of a sign, and what its attributes say."""
    named = _FORMAT.search(attributes)
    kind = named[1] if named else _FORMATS.get(edge)
    own = _SEPARATOR.search(attributes)
    usual = _BETWEEN[kind] if kind else edge
    return Form(own[1].replace("\\t", "\t") if own else usual, kind is not None)


def read_cells(lines: Sequence[str], form: Form) -> Iterator[Given]:
    """The cells in the lines of a table."""
    if form.is_between:
        yield from (Given(cell.strip()) for cell in _between(lines, form.sign))
    elif form.sign == "|":
        yield from _behind_bars("\n".join(lines))
    else:
        yield from _behind_bars("\n".join(lines).replace("|", r"\|").replace(form.sign, "|"))


def _between(lines: Sequence[str], sign: str) -> list[str]:
    """The cells in order; quoted ones may hold the sign, unless a quotation never ends."""
    try:
        rows = list(csv.reader((f"{line}\n" for line in lines), delimiter=sign))
    except csv.Error:
        rows = [line.split(sign) for line in lines if line]
    return [cell for row in rows for cell in row]


def _behind_bars(text: str) -> Iterator[Given]:
    bars = list(_BAR.finditer(text))
    for at, bar in enumerate(bars):
        end = bars[at + 1].start() if at + 1 < len(bars) else len(text)
        cell = text[bar.end() : end].strip().replace("\\|", "|")
        wide, high = int(bar["wide"] or 1), int(bar["high"] or 1)
        for _ in range(min(int(bar["times"] or 1), _MOST_TIMES)):
            yield Given(cell, min(wide, _MOST_TIMES), min(high, _MOST_TIMES), bar["style"] or "")


def column_styles(attributes: str, lines: Sequence[str], form: Form) -> list[str]:
    """The style of each column of a table: as its attributes say, or none for each cell of its first line."""
    found = _COLUMNS.search(attributes)
    if found:
        parts = re.split(r"[,;]", (found[1] or found[2] or found[3]).strip())
        columns = [column for part in parts if (column := _COLUMN.fullmatch(part))]
        return [each["style"] for each in columns for _ in range(min(int(each["times"] or 1), _MOST_TIMES))]
    first = next((line for line in lines if line.strip()), "")
    return [""] * (sum(cell.wide for cell in read_cells([first], form)) or 1)


def is_headed(attributes: str, lines: Sequence[str]) -> bool:
    """Whether the first row names the columns: it is said to, or has an empty line below it alone."""
    if _UNHEADED.search(attributes):
        return False
    is_parted = len(lines) > 2 and bool(lines[0].strip()) and not lines[1].strip()
    return _HEADED.search(attributes) is not None or is_parted


def placed(
    cells: Iterable[Given], styles: Sequence[str], shown: Callable[[str, str], str], *, is_headed: bool
) -> Grid:
    """The cells in rows of as many as there are styles; `shown` reads a text by its style."""
    width = len(styles)
    rows: dict[int, dict[int, Cell]] = {}
    row = column = 0
    for given in cells:
        while column in rows.setdefault(row, {}) or column >= width:
            row, column = (row + 1, 0) if column + 1 >= width else (row, column + 1)
        style = given.style or ("" if is_headed and row == 0 else styles[column])
        cell = Cell(shown(given.text, style), is_head=style == "h")
        for below in range(given.high):
            for beside in range(column, min(column + given.wide, width)):
                rows.setdefault(row + below, {})[beside] = cell
        column += given.wide
    grid = [tuple(rows[at].get(i, Cell("")) for i in range(width)) for at in sorted(rows)]
    return Grid(tuple(grid), 1 if is_headed and len(grid) > 1 else None)
