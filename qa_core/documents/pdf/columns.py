"""Tables of a PDF page without ruled lines: rows whose parts stand below each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf

from qa_core.documents.blocks import typed_line
from qa_core.documents.pdf.lines import LARGER, joined_text, rows_of
from qa_core.documents.pdf.page import Word
from qa_core.documents.pdf.regions import AS_CLOSE, NEAR, OVERLAP, Part, Region, grouped, spacing
from qa_core.documents.pdf.tables import RuledTable
from qa_core.documents.tables import Cell

_FARTHEST = 4.0  # of the type size, from one row's baseline to the next
_MIN_ROWS = 2
_MOST_WORDS = 12  # in the middle of a column's cells; more are columns of running text
_WIDE_GAP = 1.6  # of the type size: parts a row
_COLUMN_GAP = 0.5  # of the type size: parts it where a column begins
_CODE_GAP = 0.7  # of the type size: parts a code from what it means
_CODE = re.compile(r"[A-Z]{1,4}-?\d{1,4}[a-z]?")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")

Row = Sequence[Word]


def find_aligned_tables(words: Sequence[Word]) -> list[RuledTable]:
    """The tables among words that stand in no ruled one, top to bottom."""
    return [table for region in _regions(words) if (table := _table(region))]


def _regions(words: Sequence[Word]) -> Iterator[Region]:
    region: Region | None = None
    above: list[Sequence[Row]] = []  # bands in front of the region
    for band in _bands(words):
        if region is not None:
            if not _is_larger(band[0][0], region) and (going_on := _with_band(region, band)):
                region = going_on
                continue
            yield _with_head(region, above)
            above = []
        parts = list(_parted(band[0], ()))
        region = Region([part[0].x0 for part in parts], [parts]) if len(parts) > 1 == len(band) else None
        if region is None:
            above.append(band)
    if region is not None:
        yield _with_head(region, above)


def _is_larger(first: Word, region: Region) -> bool:
    """Whether a row is set in larger type than the region, as the heading of what follows."""
    return first.size >= LARGER * region.rows[-1][0][0].size


def _with_band(region: Region, band: Sequence[Row]) -> Region | None:
    """The region with the next rows, in its columns or in more, or None if they do not go on with it."""
    lines = [list(_parted(row, region.starts)) for row in band]
    if _goes_on(region, lines):
        region.rows += lines
        return region
    is_near = len(band) == 1 and _is_near(region.rows[-1][0][0], band[0][0])
    return _widened(region, lines[0]) if is_near else None


def _widened(region: Region, line: Sequence[Part]) -> Region | None:
    """The region with a line that begins columns of its own, if other rows turn out to have them, too."""
    known = region.starts
    new = [part[0].x0 for part in line if all(abs(part[0].x0 - x) > NEAR for x in known)]
    starts = sorted([*known, *new])
    rows = [list(_parted([word for part in row for word in part], starts)) for row in (*region.rows, line)]
    widened = Region(starts, rows)
    columns = [widened.columns_of(row) for row in rows]
    in_columns = [column for row in columns[:-1] for column in row or ()]
    are_shared = all(starts.index(x) in in_columns for x in new)
    return widened if new and are_shared and all(columns) and all(map(_are_apart, rows)) else None


def _with_head(region: Region, above: Sequence[Sequence[Row]]) -> Region:
    """The region with the row right above that is in its columns, where the gaps alone did not tell."""
    row = above[-1][0] if above and len(above[-1]) == 1 else None
    if row is not None and _is_near(row[0], region.rows[0][0][0]):
        parts = list(_parted(row, region.starts))
        if len(parts) > 1 and region.columns_of(parts) and _are_apart(parts):
            region.rows.insert(0, parts)
    return region


def _are_apart(parts: Sequence[Part]) -> bool:
    """Whether more than a space lies between the parts of a row."""
    return all(b[0].x0 - a[-1].x1 > _COLUMN_GAP * b[0].size for a, b in pairwise(parts))


def _bands(words: Sequence[Word]) -> Iterator[list[list[Word]]]:
    """Rows, together with those too close to stand below each other: cells centred on their row."""
    band: list[list[Word]] = []
    for row in rows_of(words):
        if band and band[-1][0].y - row[0].y >= OVERLAP * row[0].size:
            yield band
            band = []
        band.append(row)
    if band:
        yield band


def _parted(row: Sequence[Word], starts: Sequence[float]) -> Iterator[Part]:
    """The words of a row, parted at wide gaps, and at small ones where one of the columns begins."""
    part: list[Word] = []
    for word in row:
        gap = word.x0 - part[-1].x1 if part else 0.0
        is_first = len(part) == 1 and part[0] is row[0]
        is_meaning = is_first and _CODE.fullmatch(part[0].text) and word.text[0].isalnum()
        offset = min((abs(word.x0 - x) for x in starts), default=inf)
        begins = offset <= 1.0 or (offset <= NEAR and gap > _COLUMN_GAP * word.size)
        widest = _CODE_GAP if is_meaning else _WIDE_GAP
        if gap > widest * word.size or (part and begins):
            yield part
            part = []
        part.append(word)
    yield part


def _is_near(above: Word, first: Word) -> bool:
    """Whether two lines are no farther from each other than rows of a table."""
    return above.y - first.y <= _FARTHEST * first.size


def _goes_on(region: Region, band: Sequence[Sequence[Part]]) -> bool:
    first = band[0][0][0]
    is_near = _is_near(region.rows[-1][0][0], first)
    if not is_near or any(region.columns_of(line) is None for line in band):
        return False
    is_lone = len(band) == len(band[0]) == 1
    return not is_lone or first.x0 > region.starts[0] + NEAR or _is_tight(region, first)


def _is_tight(region: Region, first: Word) -> bool:
    """Whether a lone part in the first column is the rest of a wrapped cell.

    Its small letter says so, or that it stands nearer to the line above than rows do to each other.
    """
    above = region.rows[-1]
    gap = above[0][0].y - first.y
    if first.text[:1].islower() and len(above) > 1:
        return gap < 1.6 * first.size
    closest, is_spaced = spacing(region)
    return is_spaced and gap <= AS_CLOSE * closest


def _table(region: Region) -> RuledTable | None:
    full = [row for row in region.rows if len(row) > 1]
    if len(full) < _MIN_ROWS or not _is_tabular(region, full):
        return None
    groups = grouped(region)
    words = [word for row in region.rows for part in row for word in part]
    right = max(word.x1 for word in words)
    cells = tuple(_cells(region, group) for group in groups)
    y0, y1 = words[-1].y - 1, words[0].y + words[0].size
    return RuledTable(region.starts[0], y0, right, y1, cells, tuple(region.starts), is_ruled=False)


def _is_tabular(region: Region, rows: Sequence[Sequence[Part]]) -> bool:
    """Whether it is neither a list with wide markers, nor contents, nor text in columns."""
    firsts = [_text(row[0]) for row in rows]
    if sum(1 for text in firsts if typed_line(f"{text} x").kind != "paragraph") > len(rows) / 2:
        return False
    lasts = [_text(row[-1]) for row in rows]
    if any(_LEADERS.search(text) for text in (*firsts, *lasts)):
        return False
    if len(region.starts) == 2 and sum(text.isdigit() for text in lasts) > 0.8 * len(rows):
        return False
    lengths = sorted(len(part) for row in rows for part in row)
    return lengths[len(lengths) // 2] <= _MOST_WORDS and not _is_prose(region, rows)


def _is_prose(region: Region, rows: Sequence[Sequence[Part]]) -> bool:
    """Whether the first column's lines nearly all reach the gap, as those of running text do."""
    widths = [row[0][-1].x1 - row[0][0].x0 for row in rows if row[0][0].x0 < region.starts[1] - NEAR]
    return bool(widths) and sorted(widths)[len(widths) // 4] > 0.8 * (region.starts[1] - region.starts[0])


def _cells(region: Region, lines: Sequence[Sequence[Part]]) -> tuple[Cell, ...]:
    columns: list[list[Word]] = [[] for _ in region.starts]
    for line in lines:
        for column, part in zip(region.columns_of(line) or (), line, strict=False):
            columns[column] += part
    return tuple(
        Cell(joined_text(words), bool(words) and all(word.is_bold for word in words)) for words in columns
    )


def _text(part: Part) -> str:
    return " ".join(word.text for word in part)
