"""Tables of a PDF page with horizontal rules alone: above and below the head, and at the table's end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qa_core.documents.pdf_lines import joined_text, rows_of
from qa_core.documents.pdf_page import Rule, Word
from qa_core.documents.pdf_regions import Region, grouped
from qa_core.documents.pdf_tables import RuledTable
from qa_core.documents.tables import Cell

_SAME = 3.0  # points within which rules begin and end alike
_COLUMN_GAP = 0.6  # of the type size: wider than a space
_TITLE_HEIGHT = 2.4  # of the type size, from rule to rule around a title within the table
_FARTHEST = 2.2  # of the type size, from a rule to the baseline of a row beyond it
_LEADING = 1.4  # of the type size, from line to line of one row
_MOST_RULES = 200  # that begin and end alike
_MOST_HEAD_LINES = 4
_MOST_WORDS = 12  # in the middle of a table's cells; more are columns of running text

Span = tuple[float, float]  # left and right edge
Row = Sequence[Word]


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands between two rules."""

    above: Rule
    below: Rule
    words: Sequence[Word]

    @property
    def is_title(self) -> bool:
        """Whether it is a lone line at the left, the title of the rows below."""
        if not self.words or self.above.y0 - self.below.y0 > _TITLE_HEIGHT * self.words[0].size:
            return False
        is_left = self.words[0].x0 < self.above.x0 + self.words[0].size
        return is_left and len(_columns(self.words)) == 1 and not self.words[-1].text.endswith((".", ":"))


def find_booktabs(words: Sequence[Word], rules: Sequence[Rule]) -> list[RuledTable]:
    """The tables among words that stand in no grid of rules, top to bottom."""
    lines = _whole([rule for rule in rules if rule.is_horizontal])
    verticals = [rule for rule in rules if not rule.is_horizontal]
    runs = [run for alike in _alike(lines) for run in _runs(_parts(words, alike), verticals)]
    return sorted((_table(words, run, lines) for run in runs), key=lambda table: -table.y1)


def _runs(parts: Sequence[_Part], verticals: Sequence[Rule]) -> Iterator[Sequence[_Part]]:
    """The parts of each table, its head first."""
    first = 0
    while first < len(parts) - 1:
        end = first + 1
        for last in range(first + 1, len(parts)):
            if _are_table(parts[first : last + 1], verticals):
                end = last + 1
            elif end > first + 1 or not parts[last].is_title:
                break
        if end > first + 1:
            yield parts[first:end]
        first = end


def _whole(rules: Sequence[Rule]) -> list[Rule]:
    """Rules that are drawn cell by cell as one each, from the top of the page to its foot."""
    whole: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (-round(rule.y0), rule.x0)):
        last = whole[-1] if whole else None
        if last and abs(last.y0 - rule.y0) <= 1 and rule.x0 <= last.x1 + 1:
            whole[-1] = Rule(last.x0, last.y0, max(last.x1, rule.x1), last.y1)
        else:
            whole.append(rule)
    return whole


def _alike(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules that begin and end below each other, each group from top to bottom."""
    groups: list[list[Rule]] = []
    for rule in rules:
        ends = [(abs(group[0].x0 - rule.x0), abs(group[0].x1 - rule.x1)) for group in groups]
        found = next((i for i, (left, right) in enumerate(ends) if max(left, right) <= _SAME), None)
        if found is None:
            groups.append([rule])
        elif groups[found][-1].y0 - rule.y0 > _SAME:
            groups[found].append(rule)
    return groups


def _are_table(parts: Sequence[_Part], verticals: Sequence[Rule]) -> bool:
    """Whether words stand in columns between all of the rules, and nothing upright parts them."""
    top, bottom = parts[0].above, parts[-1].below
    if any(_is_over(top, v.x0) and v.y1 > bottom.y0 and v.y0 < top.y0 for v in verticals):
        return False
    head, body = parts[0].words, [word for part in parts[1:] if not part.is_title for word in part.words]
    columns = _columns(body)
    if len(columns) < 2 or not head or not _are_names(rows_of(head), columns):
        return False
    lengths = [len(cell) for row in rows_of(body) for cell in _in_columns(row, columns) if cell]
    are_filled = all(part.is_title or _n_filled(part.words, columns) > 1 for part in parts[1:])
    return are_filled and _n_filled(head, columns) > 1 and median(lengths) <= _MOST_WORDS


def _are_names(lines: Sequence[Row], columns: Sequence[Span]) -> bool:
    """Whether lines may be one row: no two begin like the names of rows."""
    firsts = [_in_columns(line, columns)[0] for line in lines]
    return len(lines) <= _MOST_HEAD_LINES and sum(cell[0].text[0].isupper() for cell in firsts if cell) < 2


def _n_filled(words: Sequence[Word], columns: Sequence[Span]) -> int:
    return sum(map(bool, _in_columns(words, columns)))


def _parts(words: Sequence[Word], rules: Sequence[Rule]) -> list[_Part]:
    """What stands between each two of the rules; very many are a drawing."""
    if len(rules) > _MOST_RULES:
        return []
    return [_Part(above, below, _between(words, above, below)) for above, below in pairwise(rules)]


def _between(words: Sequence[Word], above: Rule, below: Rule) -> list[Word]:
    return [
        word
        for word in words
        if below.y0 < word.y + word.size * 0.3 < above.y0 and _is_over(above, (word.x0 + word.x1) / 2)
    ]


def _columns(words: Sequence[Word]) -> list[Span]:
    """Where words stand below each other, parted by what is blank in all lines."""
    columns: list[Span] = []
    for word in sorted(words, key=lambda word: word.x0):
        if columns and word.x0 - columns[-1][1] <= _COLUMN_GAP * word.size:
            columns[-1] = columns[-1][0], max(columns[-1][1], word.x1)
        else:
            columns.append((word.x0, word.x1))
    return columns


def _in_columns(words: Sequence[Word], columns: Sequence[Span]) -> list[list[Word]]:
    """The words of each column: the parts of lines that reach over it most, or else are nearest to it."""
    cells: list[list[Word]] = [[] for _ in columns]
    for row in rows_of(words):
        for left, right in _columns(row):
            away = [max(x0, left) - min(x1, right) for x0, x1 in columns]
            cells[away.index(min(away))] += [word for word in row if left <= word.x0 <= right]
    return cells


def _table(words: Sequence[Word], run: Sequence[_Part], lines: Sequence[Rule]) -> RuledTable:
    first, *parts = run
    top, bottom = first.above, run[-1].below
    body = [word for part in parts if not part.is_title for word in part.words]
    head, columns = first.words, _columns_under(first.words, body)
    inner = [line for line in lines if first.below.y0 + 1 < line.y0 < top.y0 - 1]
    if names := _beyond(words, top, columns, is_above=True):
        columns = _columns_under(names, [*head, *body])
        parts, head, inner = [first, *parts], names, []
    last = _beyond(words, bottom, columns, is_above=False) if len(parts) > 2 - bool(names) else []
    if last:
        parts.append(_Part(bottom, bottom, last))
    body_rows = list(_rows(parts, columns))
    is_told = len(body_rows) > len(parts)  # else there is a rule below each row, not below the head alone
    rows = [*_head(head, inner, columns, is_told=is_told), *body_rows]
    y0 = min([bottom.y0, *(word.y - 1 for word in last)])
    y1 = max([top.y0, *(word.y + word.size for word in names)])
    return RuledTable(top.x0, y0, top.x1, y1, tuple(rows), tuple(left for left, _ in columns))


def _columns_under(head: Sequence[Word], body: Sequence[Word]) -> list[Span]:
    """The columns of a table; the lowest names may stand in them, too, or else over several of them."""
    columns, of_body = _columns([*body, *rows_of(head)[-1]]), _columns(body)
    return of_body if len(columns) < len(of_body) else columns


def _beyond(words: Sequence[Word], rule: Rule, columns: Sequence[Span], *, is_above: bool) -> list[Word]:
    """The lines right above or below the outermost rule that are in the columns, two of them at least."""
    taken: list[Word] = []
    y, farthest = rule.y0, _FARTHEST
    rows = [row for row in rows_of(words) if (row[0].y > rule.y0) == is_above]
    for row in reversed(rows) if is_above else rows:
        cells = [cell for cell in _in_columns(row, columns) if cell]
        gaps = [b[0].x0 - a[-1].x1 for a, b in pairwise(cells)]
        is_wide = all(gap > _COLUMN_GAP * row[0].size for gap in gaps) and row[0].x0 > rule.x0 - _SAME
        if abs(row[0].y - y) > farthest * row[0].size or not is_wide or row[-1].x1 > rule.x1 + _SAME:
            break
        taken += row
        y, farthest = row[0].y, _LEADING
    return taken if _n_filled(taken, columns) > 1 else []


def _head(
    words: Sequence[Word], inner: Sequence[Rule], columns: Sequence[Span], *, is_told: bool
) -> Iterator[tuple[Cell, ...]]:
    """The rows of names; a name over a rule of its own is one of all the columns that the rule is over."""
    y = max((line.y0 for line in inner), default=None)
    above = [word for word in words if y is not None and word.y > y]
    if above:
        cells = [_cell(cell, is_head=is_told) for cell in _in_columns(above, columns)]
        for line in inner:
            under = [i for i, (x0, x1) in enumerate(columns) if _is_over(line, (x0 + x1) / 2)]
            over = [word for word in above if _is_over(line, (word.x0 + word.x1) / 2)]
            cell = _cell(over, is_head=is_told)
            cells = [cell if i in under else other for i, other in enumerate(cells)]
        yield tuple(cells)
    below = [word for word in words if y is None or word.y <= y]
    if below:
        yield tuple(_cell(cell, is_head=is_told) for cell in _in_columns(below, columns))


def _is_over(rule: Rule, x: float) -> bool:
    return rule.x0 - _SAME < x < rule.x1 + _SAME


def _rows(parts: Sequence[_Part], columns: Sequence[Span]) -> Iterator[tuple[Cell, ...]]:
    """The rows between the rules: one each where nearly all lines have a rule below, else line by line."""
    cut = [
        [[cell for cell in _in_columns(row, columns) if cell] for row in rows_of(part.words)]
        for part in parts
    ]
    n_single = sum(len(lines) == 1 or not _are_rows(lines) for lines in cut)
    is_ruled = len(parts) > 2 and n_single > len(parts) / 2
    for part, lines in zip(parts, cut, strict=True):
        if part.is_title:
            yield (_cell(part.words),) * len(columns)
            continue
        region = Region([left for left, _ in columns], [list[Row](line) for line in lines])
        for group in [region.rows] if is_ruled else grouped(region):
            cells = _in_columns([word for line in group for cell in line for word in cell], columns)
            yield tuple(_cell(cell) for cell in cells)


def _are_rows(lines: Sequence[Sequence[Row]]) -> bool:
    """Whether each line fills as many columns, and none begins with the rest of a cell."""
    are_alike = len({len(line) for line in lines}) == 1
    return are_alike and not any(line[0][0].text[:1].islower() for line in lines)


def _cell(words: Sequence[Word], *, is_head: bool = False) -> Cell:
    right = max((word.x1 for word in words), default=0.0) + 1000
    is_bold = bool(words) and all(word.is_bold for word in words)
    return Cell(joined_text(words, right), is_head or is_bold)
