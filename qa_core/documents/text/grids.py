"""Frames in plain text whose cells are merged over columns or rows, as reStructuredText draws them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qa_core.documents.blocks import clean
from qa_core.documents.tables import Cell, Grid

_BARS = "|+"


def merged_grid(lines: Sequence[str]) -> Grid | None:
    """The table that lines with frames of `+`, `-` and `|` are, or None where the frames do not meet."""
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    lines = [line.rstrip()[indent:] for line in lines]
    edges = sorted({at for line in lines for at, sign in enumerate(line) if sign == "+"})
    is_framed = all(len(line) == len(lines[0]) and line[:1] in _BARS and line[-1:] in _BARS for line in lines)
    if not is_framed or len(edges) < 3 or (edges[0], edges[-1]) != (0, len(lines[0]) - 1):
        return None
    spans = list(pairwise(edges))
    ruled = [[_is_rule(line[a + 1 : b]) for a, b in spans] for line in lines]
    breaks = [at for at, row in enumerate(ruled) if any(row)]
    if len(breaks) < 2 or not all(ruled[breaks[0]]) or not all(ruled[breaks[-1]]):
        return None
    rows = _owners(lines, spans, ruled, breaks)
    texts = {place: "" for row in rows for place in row}
    for row, (first, last) in zip(rows, pairwise(breaks), strict=True):
        for at in range(first, last):
            for place in dict.fromkeys(row):
                mine = [span for i, span in enumerate(spans) if row[i] == place and not ruled[at][i]]
                if mine:
                    texts[place] += " " + lines[at][mine[0][0] + 1 : mine[-1][1]]
    cells = {place: Cell(clean(text)) for place, text in texts.items()}
    n_head = next((n for n, at in enumerate(breaks) if "=" in lines[at] and n), None)
    return Grid(tuple(tuple(cells[place] for place in row) for row in rows), n_head)


def _is_rule(text: str) -> bool:
    return bool(text) and not text.strip("-=+")


def _owners(
    lines: Sequence[str],
    spans: Sequence[tuple[int, int]],
    ruled: Sequence[Sequence[bool]],
    breaks: Sequence[int],
) -> list[list[tuple[int, int]]]:
    """For each row and column between rules, the first place of the cell that covers it."""
    rows: list[list[tuple[int, int]]] = []
    for n, (first, last) in enumerate(pairwise(breaks)):
        row: list[tuple[int, int]] = []
        for i, (left, _) in enumerate(spans):
            is_open = i > 0 and all(lines[at][left] not in _BARS for at in range(first + 1, last))
            row.append(rows[-1][i] if n and not ruled[first][i] else row[-1] if is_open else (n, i))
        rows.append(row)
    return rows
