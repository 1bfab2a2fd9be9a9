"""A PDF page by how its text is turned: what is upright, then what runs upwards, downwards or on its head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa_core.documents.pdf.page import Page, Rule, Sheet, Word
from qa_core.documents.pdf.tables import RuledTable, find_tables
from qa_core.documents.pdf.turn import turned_again, upright

_MAX_RULES = 2_000  # a drawing, not tables
_MARGIN = 0.12  # of the page's width, at its sides
_FARTHEST = 2.5  # of the type size, from one line to the next of one block
_NEAR = 3.0  # points that a rule may stick out of its table


@dataclass(frozen=True, slots=True)
class _Line:
    """Words of one turned line, and the line as one word on the page, which stands where it begins."""

    words: tuple[Word, ...]
    on_page: Word


def layers_of(sheet: Sheet) -> list[Page]:
    """The upright text of a page, and each other one as a page of its own that is turned back.

    Turned words in a table of upright ones stay with it. What runs along the margin beside more text is
    left out.
    """
    level, rules = sheet.words[0], () if len(sheet.rules) > _MAX_RULES else sheet.rules
    lines = {turn: _lines(sheet, turn) for turn in (1, 2, 3) if sheet.words[turn]}
    if not lines:
        return [Page(sheet.number, sheet.height, level, rules)]
    everywhere = [line.on_page for found in lines.values() for line in found]
    tables = find_tables((), rules, sheet.height)
    sideways = [table for table in tables if _n_inside(everywhere, table) > _n_inside(level, table)]
    others = [table for table in tables if table not in sideways and len(table.rows) > 1]
    heads = tuple(word for word in everywhere if any(table.holds(word) for table in others))
    layers = [Page(sheet.number, sheet.height, level, _outside(rules, sideways), heads)]
    for turn, found in lines.items():
        free = [line for line in found if line.on_page not in heads]
        if sum(map(_length, level)) > sum(map(_length, sheet.words[turn])):
            free = _without_margins(free, sheet)
        words = tuple(word for line in free for word in line.words)
        if words:
            height = sheet.width if turn % 2 else sheet.height
            turned = tuple(_turned_back(rule, turn, sheet) for rule in _outside(rules, others))
            layers.append(Page(sheet.number, height, words, turned))
    return layers if layers[0].words or len(layers) == 1 else layers[1:]


def _lines(sheet: Sheet, turn: int) -> list[_Line]:
    lines = groupby(sheet.words[turn], key=lambda word: round(word.y))
    return [_line(tuple(words), turn, sheet) for _, words in lines]


def _line(words: tuple[Word, ...], turn: int, sheet: Sheet) -> _Line:
    first = words[0]
    box = (first.x0, first.y, words[-1].x1, first.y + first.size)
    x0, y0, x1, _ = turned_again(box, turn, sheet.width, sheet.height)
    text = " ".join(word.text for word in words)
    return _Line(words, Word(text, x0, x1, y0, first.size, first.is_bold))


def _length(word: Word) -> int:
    return len(word.text)


def _n_inside(words: Iterable[Word], table: RuledTable) -> int:
    return sum(map(table.holds, words))


def _outside(rules: Sequence[Rule], tables: Sequence[RuledTable]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if not any(_is_of(rule, table) for table in tables))


def _is_of(rule: Rule, table: RuledTable) -> bool:
    is_beside = rule.x0 < table.x0 - _NEAR or rule.x1 > table.x1 + _NEAR
    return not is_beside and rule.y0 >= table.y0 - _NEAR and rule.y1 <= table.y1 + _NEAR


def _turned_back(rule: Rule, turn: int, sheet: Sheet) -> Rule:
    return Rule(*upright((rule.x0, rule.y0, rule.x1, rule.y1), turn, sheet.width, sheet.height))


def _without_margins(lines: Sequence[_Line], sheet: Sheet) -> list[_Line]:
    """The lines without blocks that stand at the sides with all of their lines, in the order of the file."""
    blocks: list[list[_Line]] = []
    for line in sorted(lines, key=lambda line: line.words[0].y):
        first = line.words[0]
        if not blocks or first.y - blocks[-1][-1].words[0].y > _FARTHEST * first.size:
            blocks.append([])
        blocks[-1].append(line)
    beside = [block for block in blocks if all(_is_in_margin(line.on_page, sheet) for line in block)]
    dropped = {id(line) for block in beside for line in block}
    return [line for line in lines if id(line) not in dropped]


def _is_in_margin(line: Word, sheet: Sheet) -> bool:
    """Whether a turned line stands at a side of the page, beside all of the upright text."""
    left, right = min(word.x0 for word in sheet.words[0]), max(word.x1 for word in sheet.words[0])
    margin = _MARGIN * sheet.width
    at_left = line.x1 <= min(left, margin)
    return at_left or line.x0 >= max(right, sheet.width - margin)
