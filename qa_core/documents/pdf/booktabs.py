"""Tables of a PDF page with horizontal rules alone: above and below the head, and at the table's end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from qa_core.documents.pdf.booktab_runs import (
    COLUMN_GAP,
    SAME,
    Part,
    Row,
    Run,
    Span,
    columns_of,
    in_columns,
    is_over,
)
from qa_core.documents.pdf.lines import joined_text, rows_of
from qa_core.documents.pdf.page import Rule, Word
from qa_core.documents.pdf.regions import Region, grouped
from qa_core.documents.pdf.tables import RuledTable
from qa_core.documents.tables import Cell

_FARTHEST = 2.2  # of the type size, from a rule to the baseline of a row beyond it
_LEADING = 1.4  # of the type size, from line to line of one row
_MOST_RULES = 200  # that begin and end alike


def find_booktabs(words: Sequence[Word], rules: Sequence[Rule]) -> list[RuledTable]:
    """The tables among words that stand in no grid of rules, top to bottom."""
    lines = _whole([rule for rule in rules if rule.is_horizontal])
    verticals = [rule for rule in rules if not rule.is_horizontal]
    runs = [run for alike in _alike(lines) for run in _runs(_parts(words, alike), verticals)]
    return sorted((_table(words, run, lines) for run in runs), key=lambda table: -table.y1)


def _runs(parts: Sequence[Part], verticals: Sequence[Rule]) -> Iterator[Sequence[Part]]:
    """The parts of each table, its head first."""
    first = 0
    while first < len(parts) - 1:
        end = first + 1
        run = Run(parts[first], verticals)
        for last in range(first + 1, len(parts)):
            if run.take(parts[last]):
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
        found = next((i for i, (left, right) in enumerate(ends) if max(left, right) <= SAME), None)
        if found is None:
            groups.append([rule])
        elif groups[found][-1].y0 - rule.y0 > SAME:
            groups[found].append(rule)
    return groups


def _n_filled(words: Sequence[Word], columns: Sequence[Span]) -> int:
    return sum(map(bool, in_columns(words, columns)))


def _parts(words: Sequence[Word], rules: Sequence[Rule]) -> list[Part]:
    """What stands between each two of the rules; very many are a drawing."""
    if len(rules) > _MOST_RULES:
        return []
    return [Part(above, below, _between(words, above, below)) for above, below in pairwise(rules)]


def _between(words: Sequence[Word], above: Rule, below: Rule) -> list[Word]:
    return [
        word
        for word in words
        if below.y0 < word.y + word.size * 0.3 < above.y0 and is_over(above, (word.x0 + word.x1) / 2)
    ]


def _table(words: Sequence[Word], run: Sequence[Part], lines: Sequence[Rule]) -> RuledTable:
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
        parts.append(Part(bottom, bottom, last))
    body_rows = list(_rows(parts, columns))
    is_told = len(body_rows) > len(parts)  # else there is a rule below each row, not below the head alone
    rows = [*_head(head, inner, columns, is_told=is_told), *body_rows]
    y0 = min([bottom.y0, *(word.y - 1 for word in last)])
    y1 = max([top.y0, *(word.y + word.size for word in names)])
    return RuledTable(top.x0, y0, top.x1, y1, tuple(rows), tuple(left for left, _ in columns))


def _columns_under(head: Sequence[Word], body: Sequence[Word]) -> list[Span]:
    """The columns of a table; the lowest names may stand in them, too, or else over several of them."""
    columns, of_body = columns_of([*body, *rows_of(head)[-1]]), columns_of(body)
    return of_body if len(columns) < len(of_body) else columns


def _beyond(words: Sequence[Word], rule: Rule, columns: Sequence[Span], *, is_above: bool) -> list[Word]:
    """The lines right above or below the outermost rule that are in the columns, two of them at least."""
    taken: list[Word] = []
    y, farthest = rule.y0, _FARTHEST
    rows = [row for row in rows_of(words) if (row[0].y > rule.y0) == is_above]
    for row in reversed(rows) if is_above else rows:
        cells = [cell for cell in in_columns(row, columns) if cell]
        gaps = [b[0].x0 - a[-1].x1 for a, b in pairwise(cells)]
        is_wide = all(gap > COLUMN_GAP * row[0].size for gap in gaps) and row[0].x0 > rule.x0 - SAME
        if abs(row[0].y - y) > farthest * row[0].size or not is_wide or row[-1].x1 > rule.x1 + SAME:
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
        cells = [_cell(cell, is_head=is_told) for cell in in_columns(above, columns)]
        for line in inner:
            under = [i for i, (x0, x1) in enumerate(columns) if is_over(line, (x0 + x1) / 2)]
            over = [word for word in above if is_over(line, (word.x0 + word.x1) / 2)]
            cell = _cell(over, is_head=is_told)
            cells = [cell if i in under else other for i, other in enumerate(cells)]
        yield tuple(cells)
    below = [word for word in words if y is None or word.y <= y]
    if below:
        yield tuple(_cell(cell, is_head=is_told) for cell in in_columns(below, columns))


def _rows(parts: Sequence[Part], columns: Sequence[Span]) -> Iterator[tuple[Cell, ...]]:
    """The rows between the rules: one each where nearly all lines have a rule below, else line by line."""
    cut = [
        [[cell for cell in in_columns(row, columns) if cell] for row in rows_of(part.words)] for part in parts
    ]
    n_single = sum(len(lines) == 1 or not _are_rows(lines) for lines in cut)
    is_ruled = len(parts) > 2 and n_single > len(parts) / 2
    for part, lines in zip(parts, cut, strict=True):
        if part.is_title:
            yield (_cell(part.words),) * len(columns)
            continue
        region = Region([left for left, _ in columns], [list[Row](line) for line in lines])
        for group in [region.rows] if is_ruled else grouped(region):
            cells = in_columns([word for line in group for cell in line for word in cell], columns)
            yield tuple(_cell(cell) for cell in cells)


def _are_rows(lines: Sequence[Sequence[Row]]) -> bool:
    """Whether each line fills as many columns, and none begins with the rest of a cell."""
    are_alike = len({len(line) for line in lines}) == 1
    return are_alike and not any(line[0][0].text[:1].islower() for line in lines)


def _cell(words: Sequence[Word], *, is_head: bool = False) -> Cell:
    is_bold = bool(words) and all(word.is_bold for word in words)
    return Cell(joined_text(words), is_head or is_bold)
