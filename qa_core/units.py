"""Sections are read and shown in units: sentences, steps, bullets and table rows.

The line grammar is `types.Section`'s. Units cover every character that is not white space, in
order and without overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from qa_core.roman import roman

UnitKind = Literal["sentence", "step", "bullet", "row"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a section that is never cut without need, `text[start:end]`."""

    start: int
    end: int
    kind: UnitKind
    level: int = 0  # nesting: 0 is the outermost
    opens: bool = False  # whether a new list begins here


CELL_SEPARATOR = " | "
# What a step starts with: `1.`, `1.2.`, `A.1.`, `b)`, `(b)`, `iv.`
STEP = (
    r"(?:\d{1,3}\.|(?:\d{1,3}|[A-Za-z])(?:\.\d{1,3})+[.)]|(?:\d{1,3}\.)+[a-z][.)]"
    r"|\(?(?:[A-Za-z]|(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})|(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3}))[.)])"
)
_STEP = re.compile(STEP)
_MARKER = re.compile(rf"(?P<step>{STEP}) |- ")
_MARKED_LINE = re.compile(rf" *+(?:{STEP}|-) ")
_LATIN = r"[0-9A-Za-z_\u00c0-\u024f]"  # other scripts write words without a space between
# What goes on inside a word, a number, a file's name: ".log" behind "gantry", ".5" behind "1".
_REST = re.compile(rf"(?<={_LATIN})(?:(?:\.(?=[a-z\d])|(?<=\d)[,:](?=\d)|@(?={_LATIN}))?{_LATIN}+)++")
_ADDRESS = re.compile(r"[(\[<\"'`“‘«]*+(?:(?:~|\.{0,2})(?:/[^\s/]+){2}|[A-Za-z]:\\|\w+://)\S*+")
_BEHIND_AN_ADDRESS = ".,;:!?…)]>\"'`”’»"
_FIRST = frozenset(["1", "a", "i"])
_ROMAN = {roman(number): number for number in range(1, 40)}
_INDENT = "  "

_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[)\]\"'”’»]*+(?=\s)|(?<![。！？])[。！？]++[」』）”]*+")
_OPENERS = re.compile(r"\s*+[(\[\"'“‘«¿¡•*]*+")
_CAMEL_WORD = re.compile(r"[a-z]{1,2}[A-Z]")
_LONGEST_ABBREVIATION = 8
_NEVER_LAST = re.compile(
    r"(?:e\.g|i\.e|eg|ie|cf|vs|mr|mrs|ms|dr|prof|st|u\.s|approx|incl|resp|figs?|nr|sect|pp|chap|vol|ver|ca)\."
)
_LAST_UNLESS_NUMBERED = re.compile(r"(?:nos?|sec|art|p|min|max|est|ext|tel|dept)\.")


def split_units(text: str) -> tuple[Unit, ...]:
    """The units of a section's text, in order."""
    return tuple(_mark_lists(list(_without_lone_marks(_line_units(text), text)), text))


def without_mark(text: str, start: int, end: int) -> int:
    """The end of `text[start:end]` without the mark of a step or bullet whose words are beyond it."""
    line = text.rfind("\n", start, end) + 1
    if line > start and (mark := _MARKED_LINE.match(text, line)) and end <= mark.end():
        return start + len(text[start:line].rstrip())
    return end


def whole_token(text: str, end: int) -> int:
    """Where the token ends that `end` lies in: a number, a word, the name of a file, its path.

    What is joined by hyphens, or a slash outside a path, is several ("on/off"), and punctuation is none.
    """
    start = max(text.rfind(space, 0, end) for space in " \n") + 1
    address = _ADDRESS.match(text, start)
    if address:
        return max(end, start + len(address[0].rstrip(_BEHIND_AN_ADDRESS)))
    rest = _REST.match(text, end)
    return rest.end() if rest else end


def split_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of `text[start:end]` as offsets into `text`, without the space between them."""
    begin = start
    for match in _SENTENCE_END.finditer(text, start, end):
        if _is_boundary(text, begin, match, end):
            yield from _trimmed(text, begin, match.end())
            begin = match.end()
    yield from _trimmed(text, begin, end)


def list_around(units: Sequence[Unit], i: int) -> tuple[int, int]:
    """The units `[first, last)` of the whole list that unit `i` lies in; `(i, i + 1)` if in none."""
    if not _in_list(units[i]):
        return i, i + 1
    first = i
    while first > 0 and not units[first].opens and _in_list(units[first - 1]):
        first -= 1
    last = i + 1
    while last < len(units) and _in_list(units[last]) and not units[last].opens:
        last += 1
    return first, last


def is_clause(unit: Unit, text: str) -> bool:
    """Whether a unit is a step of several levels' numbers: `3.1.` may lead a rule as well as an action."""
    return unit.kind == "step" and "." in _step_mark(unit, text)


def _in_list(unit: Unit) -> bool:
    return unit.kind in ("step", "bullet") or unit.level > 0


def _line_units(text: str) -> Iterator[Unit]:
    offset = 0
    for line in text.split("\n"):
        body = line.strip()
        if body:
            start = offset + line.index(body)
            yield from _units_of_line(text, offset, start, start + len(body))
        offset += len(line) + 1


def _units_of_line(text: str, line_start: int, start: int, end: int) -> Iterator[Unit]:
    level = text[line_start:start].count(_INDENT)
    marker = _MARKER.match(text, start, end)
    if marker:
        yield Unit(start, end, "step" if marker["step"] else "bullet", level)
    else:
        yield from _unmarked_units(text, start, end, level)


def _unmarked_units(text: str, start: int, end: int, level: int) -> Iterator[Unit]:
    if text.find(CELL_SEPARATOR, start, end) >= 0:
        yield Unit(start, end, "row", level)
    else:
        for first, last in split_sentences(text, start, end):
            yield Unit(first, last, "sentence", level)


def _without_lone_marks(units: Iterable[Unit], text: str) -> Iterator[Unit]:
    """The units, without the steps that no other one of their list counts on from, or to.

    A lone letter is somebody's initial, and a lone number of several levels leads a paragraph.
    """
    for _, group in groupby(units, _in_list):
        run = list(group)
        places = {place for unit in run for place in _places(unit, text)}
        for unit in run:
            own = list(_places(unit, text))
            if not own or any((series, number + by) in places for series, number in own for by in (-1, 1)):
                yield unit
            else:
                yield from _unmarked_units(text, unit.start, unit.end, unit.level)


def _places(unit: Unit, text: str) -> Iterator[tuple[tuple[object, ...], int]]:
    """The series that a step may count in, and its number there; none for `1.`, which is always a step."""
    marker = _MARKER.match(text, unit.start, unit.end)
    if unit.kind != "step" or marker is None:
        return
    mark = marker["step"]
    above, _, last = mark.strip("().").rpartition(".")
    look = unit.level, above, mark[0] == "(", mark[-1], last.isupper()
    if last.isdigit():
        if above:
            yield (*look, "1"), int(last)
        return
    if len(last) == 1:
        yield (*look, "a"), ord(last.lower()) - 96
    if last.lower() in _ROMAN:
        yield (*look, "i"), _ROMAN[last.lower()]


def _mark_lists(units: list[Unit], text: str) -> Iterator[Unit]:
    """Tell where lists begin: a list may follow another without a line between them."""
    previous: Unit | None = None
    kind: UnitKind | None = None  # of the list that we are in
    mark = ""  # of the last step on the list's own level
    for unit in units:
        opens = unit.kind in ("step", "bullet") and (
            previous is None or not _in_list(previous) or _begins_anew(unit, text, kind, mark)
        )
        if opens:
            kind, mark = unit.kind, ""
        if unit.kind == "step" and unit.level == 0:
            mark = _step_mark(unit, text)
        previous = unit
        yield Unit(unit.start, unit.end, unit.kind, unit.level, opens)


def _begins_anew(unit: Unit, text: str, kind: UnitKind | None, mark: str) -> bool:
    if unit.level > 0:
        return False
    if unit.kind == "bullet":
        return False  # bullets between steps are their details, however they are indented
    own = _step_mark(unit, text)
    if kind == "bullet" or not mark:
        return kind == "bullet"
    is_first = own.lower() in _FIRST and (own.lower(), mark.lower()) != ("i", "h")
    return is_first or not _counted_in(own) & _counted_in(mark)


def _counted_in(mark: str) -> set[str]:
    """What a mark may count in on its outermost level: `1`, and letters and Roman numbers of either size."""
    outermost = mark.partition(".")[0]
    if outermost.isdigit():
        return {"1"}
    forms = {"a"} if len(outermost) == 1 else set()
    forms |= {"i"} if outermost.lower() in _ROMAN else set()
    return set(map(str.upper, forms)) if outermost.isupper() else forms


def _step_mark(unit: Unit, text: str) -> str:
    """A step's number or letter, without what stands around it."""
    marker = _MARKER.match(text, unit.start, unit.end)
    return marker["step"].strip("().") if marker and marker["step"] else ""


def _is_boundary(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    first = _first_of_next(text, match.end(), end)
    if first is None:
        return False
    words = text[max(begin, match.end() - _LONGEST_ABBREVIATION) : match.end()].split()
    word = words[-1].lstrip("([\"'“‘«").lower()
    if _NEVER_LAST.fullmatch(word) or (_LAST_UNLESS_NUMBERED.fullmatch(word) and first.isdigit()):
        return False
    before = text[begin : match.end()].strip()
    return not before[:-1].isdigit() and _STEP.fullmatch(before) is None  # a step's number


def _first_of_next(text: str, start: int, end: int) -> str | None:
    """The first letter or digit of what follows, or None if no sentence can begin with it."""
    at = _end(_OPENERS.match(text, start, end), start)
    if at >= end:
        return None
    first = text[at]
    if first.islower():
        return first if _CAMEL_WORD.match(text, at, end) else None
    return first if first.isalnum() else None


def _end(match: re.Match[str] | None, default: int) -> int:
    return match.end() if match else default


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    body = piece.strip()
    if body:
        first = start + piece.index(body)
        yield first, first + len(body)
