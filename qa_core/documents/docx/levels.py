"""What Word's numbering.xml says: the levels of each list, where they start, and what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qa_core.documents.docx.xml import Element, W, is_on, value_of
from qa_core.documents.numerals import numeral

_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Level:
    """How a level counts; `text` is its mark, with `%1` for the outermost level's number."""

    start: int = 1
    form: str = "decimal"
    text: str | None = None
    restart: int | None = None  # how many levels, from the outermost on, begin it anew; 0 for none
    is_legal: bool = False  # whether its mark has digits alone

    @property
    def is_ordered(self) -> bool:
        """Whether its items have numbers, not bullets."""
        return self.form not in ("bullet", "none")

    def is_restarted_by(self, depth: int) -> bool:
        """Whether an item of the level `depth`, further out, begins this one anew."""
        return self.restart is None or depth < self.restart


@dataclass(frozen=True, slots=True)
class NumberedList:
    """What `w:num` says: the levels of its abstract list, and where this use of it starts anew."""

    abstract: str
    levels: Mapping[int, Level]
    starts: Mapping[int, int]

    def level(self, depth: int) -> Level:
        """The level `depth`, 0 the outermost."""
        return self.levels.get(depth, Level())

    def start(self, depth: int) -> int:
        """The first number of a level."""
        return self.starts.get(depth, self.level(depth).start)

    def shown(self, depth: int, counts: Mapping[int, int]) -> str:
        """What Word shows in front of an item, with the numbers that the levels have come to."""
        level = self.level(depth)

        def number(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            form = "decimal" if level.is_legal else self.level(at).form
            return numeral(counts.get(at, self.start(at)), form)

        return _PLACE.sub(number, f"%{depth + 1}." if level.text is None else level.text)


def read_lists(root: Element) -> dict[str, NumberedList]:
    """The lists of a Word file by the names that paragraphs call them."""
    abstracts = {
        abstract.get(f"{W}abstractNumId", ""): dict(_levels(abstract))
        for abstract in root.iterfind(f"{W}abstractNum")
    }
    lists = {}
    for num in root.iterfind(f"{W}num"):
        abstract = value_of(num, "abstractNumId") or ""
        overrides = list(num.iterfind(f"{W}lvlOverride"))
        levels = abstracts.get(abstract, {}) | {at: lvl for over in overrides for at, lvl in _levels(over)}
        lists[num.get(f"{W}numId", "")] = NumberedList(abstract, levels, dict(_starts(overrides)))
    return lists


def _levels(holder: Element) -> Iterator[tuple[int, Level]]:
    for level in holder.iterfind(f"{W}lvl"):
        restart = value_of(level, "lvlRestart")
        yield (
            int(level.get(f"{W}ilvl", "0")),
            Level(
                int(value_of(level, "start") or 1),
                value_of(level, "numFmt") or "decimal",
                value_of(level, "lvlText"),
                None if restart is None else int(restart),
                bool(is_on(level, "isLgl")),
            ),
        )


def _starts(overrides: list[Element]) -> Iterator[tuple[int, int]]:
    for override in overrides:
        start = value_of(override, "startOverride")
        if start is not None:
            yield int(override.get(f"{W}ilvl", "0")), int(start)
