"""Consoles, tables and text that are safe and plain wherever they end up."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qa_core.indexing.file_names import UNPRINTABLE

WIDEST_LINE = 100  # longer lines are hard to read
UNWRAPPED = 10_000  # lines for another program are not broken
_GAP = 2  # spaces between the columns of a table

# Escape sequences whole; then what is left of control characters (but tab and line breaks), and the
# marks that turn the direction of writing, which can make a line read as what it is not.
_CONTROL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rf"|(?![\t\n\u2028\u2029]){UNPRINTABLE.pattern}"
)


def clean(text: str) -> str:
    """The text without escape sequences and control characters, for a terminal."""
    return _CONTROL.sub("", text)


def count(n: int, noun: str) -> str:
    """`1 manual`, `2 manuals`, `1,200 manuals`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def open_console(stderr: bool = False) -> Console:
    """A console that takes text as it is: no markup, emoji codes or highlighting; plain when piped."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else UNWRAPPED
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=width)


def can_style(console: Console) -> bool:
    """Whether bold is seen as bold; elsewhere the answer is marked in plain text."""
    return console.is_terminal and console.color_system is not None


def print_json(value: object) -> None:
    """Print one JSON value on standard output, with every character as it is where that can be written."""
    ascii_only = (sys.stdout.encoding or "ascii").lower().replace("-", "") != "utf8"
    print(json.dumps(value, ensure_ascii=ascii_only, indent=2))


def print_text(console: Console, text: Text) -> None:
    """Print wrapped text on a terminal, and line by line as it is elsewhere."""
    width = min(console.width, WIDEST_LINE) if console.is_terminal else UNWRAPPED
    console.print(text, width=width)


def print_table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows in aligned columns; None is a dash, numbers stand to the right."""
    rows = [tuple(row) for row in rows]
    is_number = [
        bool(rows) and all(isinstance(row[number], int | float | None) for row in rows)
        for number in range(len(columns))
    ]
    cells = [tuple(map(_cell, row)) for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    if _fits(console, cells, widths):
        _print_lines(console, columns, cells, widths, is_number)
    else:
        _print_wrapped(console, columns, cells, is_number)


def _fits(console: Console, cells: Sequence[Sequence[str]], widths: Sequence[int]) -> bool:
    """Whether no cell is to be wrapped."""
    is_broken = any("\n" in cell or "\t" in cell for row in cells for cell in row)
    return not is_broken and sum(widths) + _GAP * (len(widths) - 1) <= console.width


def _print_lines(
    console: Console,
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    widths: Sequence[int],
    is_number: Sequence[bool],
) -> None:
    """A line a row. Of tens of thousands of rows rich takes minutes."""

    def line(row: Sequence[str]) -> str:
        padded = (
            f"{' ' * (width - cell_len(cell))}{cell}" if right else f"{cell}{' ' * (width - cell_len(cell))}"
            for cell, width, right in zip(row, widths, is_number, strict=True)
        )
        return (" " * _GAP).join(padded)

    console.print(Text(line(columns), style="bold"), soft_wrap=True)
    if cells:
        console.file.write("\n".join(map(line, cells)) + "\n")


def _print_wrapped(
    console: Console, columns: Sequence[str], cells: Sequence[Sequence[str]], is_number: Sequence[bool]
) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for column, right in zip(columns, is_number, strict=True):
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else clean(str(value))
