"""Lines of a PDF → blocks: paragraphs, steps and bullets put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from qa_core.documents.blocks import Block, Heading, Line, clean, typed_line
from qa_core.documents.contents import led_in
from qa_core.documents.pdf.lines import TextLine, join_lines
from qa_core.documents.pdf.page import HYPHEN
from qa_core.documents.pdf.table_runs import PlacedTable, grids_of
from qa_core.documents.tables import table_lines
from qa_core.units import CELL_SEPARATOR

_NEAR = 4.0  # points: the same indent
_ENDS = (".", ":", "!", "?", ";")
_LETTERED = re.compile(r"(\(?[a-h][.)])\s+(?=\S)")
_CODE = re.compile(r"[A-Z]{1,4}-?\d{1,4}[a-z]?\b")
_MIN_WORDS = 4  # of a line of prose in a font of fixed width
_WORD = re.compile(r"[(\"“„]?\w[\w'’-]*[.,;:!?)\"”“\u00ad]*")


@dataclass(slots=True)
class _Open:
    """The paragraph or list item that lines are being added to."""

    text: str
    level: int
    page: int
    first: TextLine
    last: TextLine
    text_x: float  # where its lines begin, behind a marker
    is_item: bool
    is_lettered: bool  # an item of a list in a list


@dataclass(slots=True)
class Flow:
    """Turns a document's lines, headings and tables into blocks."""

    lines: Sequence[TextLine]
    levels: Mapping[int, int]  # of the lines that are headings
    tables: Sequence[PlacedTable]
    leading: float = 0.0
    has_code: bool = False  # most of the text is in other fonts than those of fixed width
    vocabulary: frozenset[str] = frozenset()
    indents: list[float] = field(default_factory=list)  # of the open list, outermost first

    def __post_init__(self) -> None:
        """Measure the text: how far its lines are apart, which words it uses."""
        pairs = zip(self.lines, self.lines[1:], strict=False)
        wraps = [(a, b) for a, b in pairs if a.is_full and a.page == b.page and a.size == b.size]
        gaps = [(a.y - b.y) / a.size for a, b in wraps if 0 < a.y - b.y < 2 * a.size]
        self.leading = median(gaps) if gaps else 1.2
        n_code = sum(len(line.text) for line in self.lines if line.is_code)
        self.has_code = 2 * n_code < sum(len(line.text) for line in self.lines)
        self.vocabulary = frozenset(
            word for line in self.lines for word in re.findall(r"[\w-]+", line.text.lower())[:-1]
        )

    def blocks(self) -> Iterator[Block]:
        """The document in order."""
        tables = sorted(self.tables, key=lambda placed: placed.before)
        grids = grids_of(tuple(tables))
        opened: _Open | None = None
        for i in range(len(self.lines) + 1):
            while tables and tables[0].before <= i:
                yield from self._close(opened)
                opened = None
                placed = tables.pop(0)
                yield from (replace(line, page=placed.page) for line in table_lines(next(grids)))
            if i == len(self.lines):
                break
            line = self.lines[i]
            if i in self.levels:
                yield from self._close(opened)
                opened = None
                yield from self._heading(i)
            elif row := _led_row(line):
                yield from self._close(opened)
                opened = None
                yield row
            elif opened and self._continues(opened, line):
                opened.text = self._appended(opened.text, _raw(line))
                opened.last = line
            else:
                yield from self._close(opened)
                opened = self._opened(line)
        yield from self._close(opened)

    def _heading(self, i: int) -> Iterator[Heading]:
        """The heading that begins with line `i`; lines that continue one give nothing."""
        if self._is_continued(i - 1):
            return
        text = _raw(self.lines[i])
        last = i
        while self._is_continued(last):
            last += 1
            text = self._appended(text, _raw(self.lines[last]))
        self.indents.clear()
        yield Heading(self.levels[i], clean(text.replace(HYPHEN, "-")), self.lines[i].page)

    def _is_continued(self, i: int) -> bool:
        """Whether the heading in line `i` goes on in the next line."""
        if i < 0 or i not in self.levels or self.levels.get(i + 1) != self.levels[i]:
            return False
        line, following = self.lines[i], self.lines[i + 1]
        near = line.page == following.page and 0 < line.y - following.y < 1.5 * line.size
        return near and abs(line.size - following.size) < 0.5

    def _opened(self, line: TextLine) -> _Open:
        text = _raw(line)
        lettered = _LETTERED.match(text) if self.indents else None
        is_item = lettered is not None or typed_line(clean(text)).kind != "paragraph"
        text_x = line.words[1].x0 if is_item and len(line.words) > 1 else line.x0
        level = self._level(line, is_item=is_item)
        return _Open(text, level, line.page, line, line, text_x, is_item, lettered is not None)

    def _level(self, line: TextLine, *, is_item: bool) -> int:
        """How deep a line stands in the open list; an item opens one, text left of it ends it."""
        x = line.x0 - line.column[0]
        while self.indents and x < self.indents[-1] - _NEAR:
            self.indents.pop()
        if is_item:
            if not self.indents or x > self.indents[-1] + _NEAR:
                self.indents.append(x)
            return len(self.indents) - 1
        if self.indents and x <= self.indents[-1] + _NEAR:
            self.indents.clear()
        return len(self.indents)

    def _continues(self, opened: _Open, line: TextLine) -> bool:
        """Whether a line goes on with what is open, and begins nothing of its own."""
        last = opened.last
        if typed_line(line.text).kind != "paragraph" or abs(line.size - last.size) > 0.7:
            return False
        if (self.has_code and _is_apart(opened, line)) or _begins_next_code(opened, line):
            return False
        if opened.text.endswith((HYPHEN, "-")):
            return True
        if line.page != last.page or line.y > last.y:
            return not opened.text.endswith(_ENDS) and line.text[:1].islower()
        return last.y - line.y <= self.leading * last.size * 1.25 and _is_aligned(opened, line)

    def _appended(self, text: str, following: str) -> str:
        """Two lines as one; a hyphen between them stays if the word has it elsewhere."""
        first, second = text.rpartition(" ")[2].rstrip(HYPHEN + "-"), following.partition(" ")[0]
        is_known = f"{first}-{second}".lower().rstrip(".,;:!?") in self.vocabulary
        return join_lines(text, following, keep_hyphen=is_known)

    def _close(self, opened: _Open | None) -> Iterator[Line]:
        if opened is not None:
            text = clean(opened.text.replace(HYPHEN, "-"))
            lettered = _LETTERED.match(text) if opened.is_lettered else None
            if lettered:
                body, label = text[lettered.end() :], lettered[1]
                yield Line("step", body, opened.level, page=opened.page, label=label)
            elif text:
                yield replace(typed_line(text, opened.level), page=opened.page)


def _led_row(line: TextLine) -> Line | None:
    """The row of a name and the value that dots lead to; what is written on a line has none yet."""
    led = None if "__" in line.text else led_in(line.text, 0)
    if led is None or not (led.words and led.value):
        return None
    return Line("row", f"{led.words}{CELL_SEPARATOR}{led.value}", page=line.page)


def _raw(line: TextLine) -> str:
    """A line's words; a hyphen that only divides the last one is kept apart from a written one."""
    *words, last = (word.text for word in line.words)
    return " ".join([*(word.replace(HYPHEN, "") for word in words), last])


def _is_apart(opened: _Open, line: TextLine) -> bool:
    """Whether one of them is code, and not words of a sentence that happen to fill a line."""
    if opened.first.is_code and line.is_code:
        return not _is_prose(opened.text)
    if opened.first.is_code:
        return not opened.last.is_full
    return line.is_code and (opened.text.endswith(_ENDS) or not opened.last.is_full)


def _begins_next_code(opened: _Open, line: TextLine) -> bool:
    """Whether a line tells of another code of a list, as `E2: no water`, where the one above may end."""
    are_codes = all(_CODE.match(each.text) for each in (opened.first, line))
    may_end = not opened.last.is_full or opened.text.endswith(_ENDS)
    return are_codes and may_end and abs(line.x0 - opened.first.x0) < _NEAR


def _is_prose(text: str) -> bool:
    """Whether nothing but words stands there, some of them and with a capital first, as in a notice."""
    words = text.split()
    return text[:1].isupper() and len(words) >= _MIN_WORDS and all(map(_WORD.fullmatch, words))


def _is_aligned(opened: _Open, line: TextLine) -> bool:
    """Whether a line stands where the open paragraph or item goes on, and the one above it is full."""
    last = opened.last
    has_ended = opened.text.endswith(_ENDS)
    if not last.is_full and (has_ended or (last.is_bold and not line.is_bold)):
        return False
    if opened.is_item:
        begins = opened.first.x0
        hangs = line.x0 > opened.text_x - _NEAR
        # the number of step 10 may be wider than the indent that all steps hang at
        is_behind_number = begins + _NEAR < line.x0 and last.is_full
        return hangs or is_behind_number or (not has_ended and abs(line.x0 - begins) < _NEAR)
    return abs(line.x0 - last.x0) < 2 * _NEAR or last is opened.first
