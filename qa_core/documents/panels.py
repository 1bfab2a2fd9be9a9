"""Steps that a grid shows in numbered panels, as quick guides have them: left to right, then down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from qa_core.documents.blocks import Line

_PANEL = re.compile(r"(\d{1,2})[.)]?\s+([A-ZÀ-Þ\"“„].*)")
_FEWEST = 2
_MIN_WORDS = 2  # in the middle of the panels; fewer are names of parts


def panel_steps(rows: Sequence[Sequence[str]]) -> list[Line]:
    """The steps of a grid whose cells all begin with numbers that count on, or nothing."""
    found = [_PANEL.fullmatch(text) for row in rows for text in row if text]
    panels = [(int(panel[1]), panel[2]) for panel in found if panel]
    if len(panels) < max(_FEWEST, len(found)) or all(len(row) < _FEWEST for row in rows):
        return []
    if any(after != before + 1 for (before, _), (after, _) in pairwise(panels)):
        return []
    is_text = median(len(text.split()) for _, text in panels) >= _MIN_WORDS
    return [Line("step", text, 0, number) for number, text in panels] if is_text else []
