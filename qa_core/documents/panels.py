"""Steps that a grid shows in its cells: numbered panels of quick guides, and lists beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qa_core.documents.blocks import Line

_STEP = r"(?i:step|schritt)"
_PANEL = re.compile(rf"(?:{_STEP}\s+)?(\d{{1,2}})[.):]?\s+([A-ZÀ-Þ\"“„].*)")
_LABEL = re.compile(rf"{_STEP}\s+\d{{1,2}}[.:]?")
_FEWEST = 2
_MIN_WORDS = 2  # in the middle of the panels; fewer are names of parts
_LONGEST_TITLE = 80  # letters


def panel_steps(rows: Sequence[Sequence[str]]) -> list[Line]:
    """The steps of a grid whose cells all begin with numbers that count on, or nothing.

    What counts a step in words, as `Step 1`, may stand in the row above it.
    """
    rows = _below_labels(rows) or rows
    found = [_PANEL.fullmatch(text) for row in rows for text in row if text]
    panels = [(int(panel[1]), panel[2]) for panel in found if panel]
    if len(panels) < max(_FEWEST, len(found)) or all(len(row) < _FEWEST for row in rows):
        return []
    if any(after != before + 1 for (before, _), (after, _) in pairwise(panels)):
        return []
    is_text = median(len(text.split()) for _, text in panels) >= _MIN_WORDS
    return [Line("step", text, 0, number) for number, text in panels] if is_text else []


def _below_labels(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The texts of every second row with their labels in front, where the others are labels; or nothing."""
    pairs = list(zip(rows[::2], rows[1::2], strict=False))
    labels = [label for row in rows[::2] for label in row if label]
    is_paired = len(rows) % 2 == 0 and all(len(above) == len(below) for above, below in pairs)
    if not (labels and is_paired and all(map(_LABEL.fullmatch, labels))):
        return []
    return [[f"{label} {text}".strip() for label, text in zip(*pair, strict=True)] for pair in pairs]


@dataclass(frozen=True, slots=True)
class _StepList:
    """Steps that one cell counts up, and what it says above them."""

    title: str
    first: int
    steps: tuple[str, ...]

    @property
    def following(self) -> int:
        """The number behind the last step's."""
        return self.first + len(self.steps)

    def lines(self) -> Iterator[Line]:
        """The title, then step after step."""
        if self.title:
            yield Line("paragraph", self.title)
        yield from (Line("step", step, 0, number) for number, step in enumerate(self.steps, self.first))


def step_lists(rows: Sequence[Sequence[str]]) -> list[Line]:
    """The steps of a grid whose cells are lists of their own, or one that goes on; else nothing.

    The row above the lists may have their titles. Where several rows are lists, each has a title in its cell:
    else they are values of their columns, as causes are that stand beside their remedies.
    """
    if len(rows) == 2 and len(rows[0]) == len(rows[1]) and not any(_step_list(text, 1) for text in rows[0]):
        rows = [[f"{title} {text}" for title, text in zip(*rows, strict=True)]]
    if not rows or any(len(row) < _FEWEST for row in rows):
        return []
    lists: list[_StepList] = []
    for text in (text for row in rows for text in row):
        found = _step_list(text, 1) or (_step_list(text, lists[-1].following) if lists else None)
        if found is None or not (found.title or len(rows) == 1):
            return []
        lists.append(found)
    return [line for found in lists for line in found.lines()]


def _step_list(text: str, first: int) -> _StepList | None:
    """The list of two steps or more in a cell that counts from a number on, below a title or nothing."""
    parts: list[str] = []
    while mark := re.search(rf"(?:^|\s){first + len(parts)}[.)]\s+(?=\S)", text):
        parts.append(text[: mark.start()].strip())
        text = text[mark.end() :]
    title, *steps = (*parts, text)
    is_list = len(steps) >= _FEWEST and len(title) <= _LONGEST_TITLE
    return _StepList(title, first, tuple(steps)) if is_list else None
