"""Tables of AsciiDoc: cells behind bars, in rows of as many as there are columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_core.documents.tables import Cell, Grid

_BAR = re.compile(
    r"(?:(?<=\s)|^)(?:(?P<times>\d+)\*|(?:(?P<wide>\d+)?(?:\.(?P<high>\d+))?\+)?)"
    r"[<^>]?(?:\.[<^>])?(?P<style>[adehlms]?)(?<!\\)\||(?<!\\)\|",
    re.MULTILINE,
)
_COLUMNS = re.compile(r"\bcols=(?:\"([^\"]*)\"|'([^']*)'|([^,\]\s]+))")
_HEADED = re.compile(r"%[\w%]*header|\b(?:options|opts)=\"?[^\"\]]*header")
_UNHEADED = re.compile(r"%[\w%]*noheader|noheader")
_MOST_TIMES = 30


@dataclass(frozen=True, slots=True)
class Given:
    """A cell as it is written."""

    text: str
    wide: int = 1
    high: int = 1
    has_blocks: bool = False


def read_cells(lines: Sequence[str]) -> Iterator[Given]:
    """The cells in the lines of a table."""
    text = "\n".join(lines)
    bars = list(_BAR.finditer(text))
    for at, bar in enumerate(bars):
        end = bars[at + 1].start() if at + 1 < len(bars) else len(text)
        cell = text[bar.end() : end].strip().replace("\\|", "|")
        wide, high = int(bar["wide"] or 1), int(bar["high"] or 1)
        for _ in range(min(int(bar["times"] or 1), _MOST_TIMES)):
            yield Given(cell, min(wide, _MOST_TIMES), min(high, _MOST_TIMES), bar["style"] == "a")


def n_columns(attributes: str, lines: Sequence[str]) -> int:
    """How many columns a table has: as its attributes say, else as its first line has cells."""
    found = _COLUMNS.search(attributes)
    if found:
        parts = re.split(r"[,;]", (found[1] or found[2] or found[3]).strip())
        times = [re.match(r"\s*(\d+)\*", part) for part in parts]
        return sum(min(int(each[1]), _MOST_TIMES) if each else 1 for each in times)
    first = next((line for line in lines if line.strip()), "")
    return sum(cell.wide for cell in read_cells([first])) or 1


def is_headed(attributes: str, lines: Sequence[str]) -> bool:
    """Whether the first row names the columns: it is said to, or has an empty line below it alone."""
    if _UNHEADED.search(attributes):
        return False
    is_parted = len(lines) > 2 and bool(lines[0].strip()) and not lines[1].strip()
    return _HEADED.search(attributes) is not None or is_parted


def placed(cells: Sequence[tuple[Given, str]], width: int, *, is_headed: bool) -> Grid:
    """The cells, each with its text as it is shown, in rows of a width."""
    rows: dict[int, dict[int, Cell]] = {}
    row = column = 0
    for given, text in cells:
        while column in rows.setdefault(row, {}) or column >= width:
            row, column = (row + 1, 0) if column + 1 >= width else (row, column + 1)
        cell = Cell(text)
        for below in range(given.high):
            for beside in range(column, min(column + given.wide, width)):
                rows.setdefault(row + below, {})[beside] = cell
        column += given.wide
    grid = [tuple(rows[at].get(i, Cell("")) for i in range(width)) for at in sorted(rows)]
    return Grid(tuple(grid), 1 if is_headed and len(grid) > 1 else None)
