"""Grids of cells, of whatever format, → rows that keep their column names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, takewhile

from qa_core.documents.blocks import Line, signal_word, with_colon
from qa_core.documents.panels import panel_steps, step_lists
from qa_core.documents.repeated_columns import below_each_other, n_repeated
from qa_core.units import CELL_SEPARATOR


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A cell; one that spans several places stands in each of them."""

    text: str
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's cells, row by row; rows may differ in length."""

    rows: tuple[tuple[Cell, ...], ...]
    n_head: int | None = None  # how many rows the format marks as head; None where it does not tell


_LONGEST_NAME = 60
_KEY = re.compile(r"\S*\d\S*(?: \S{1,3})?")  # `E-4`, `8 m`, but not `Channel 1`
# What names a column of such keys; any other word may be the first key itself, as `Off` is over `1` and `2`.
_KEY_NAME = re.compile(
    r"(?:(?:error|fault|alarm|warning|status|flash|fuse|item|part|model|order|parameter|program) ?)?"
    r"(?:codes?|no\.?|nr\.?|numbers?)"
    r"|error|fault|fuse|alarm|warning|display|indication|item|model|parameter|pin|pos(?:ition|\.)?|terminal|#"
    r"|depth|diameter|distance|height|length|pressure|size|temperature|voltage|width",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"[^\W\d][^\d()]*\([^\d()]+\)")  # names a column by what it counts in: `Speed (rpm)`
_MODEL = re.compile(r"(?=.*[^\W\d_])(?!\d[\d.,]*\s)[\w./+ -]*\w")  # has a letter, and is no measure as `4 kg`
# A model's name with a capital first and a digit: `X-2`, `TK-4 Pro`, `Sprint 30`, but not `Max 5 W`.
_NUMBERED_MODEL = re.compile(r"(?=.*\d)(?!.*\d [A-Z]$)[A-ZÀ-Þ][\w./+-]*(?: (?:[A-ZÀ-Þ]|\d)[\w./+-]*)*")
# What may stand in the corner over such models, beside nothing at all.
_MODEL_NAME = re.compile(r"(?:model|type|variant|version)s?(?: ?(?:code|name|no\.?|number))?", re.IGNORECASE)
# What names a column where an empty cell means the one above: a code with several causes.
_CARRIED_NAME = re.compile(
    r"(?:[\w-]+ )?(?:codes?|errors?|faults?|failures?|alarms?|warnings?|symptoms?|problems?|troubles?"
    r"|malfunctions?|models?|fehler|störung(?:en)?|fehlercodes?|modelle?)"
    r"(?: ?(?:codes?|messages?|names?|no\.?|numbers?))?",
    re.IGNORECASE,
)
_CARRIED_CODE = re.compile(r"[A-Z]{1,4}[-. ]?\d{1,4}[A-Za-z]?")
_SUM = re.compile(r"(?:sub-?|grand )?total|sum\b|average|all models", re.IGNORECASE)
_VALUE = re.compile(r"\d|(?<!\b(?:No|Nr))(?<!\b(?:Min|Max|Qty|Pos|Ref|Typ))[.!?]$")


def table_lines(grid: Grid) -> Iterator[Line]:
    """The rows under the head, each cell led by its column's name."""
    rows = [row for row in grid.rows if any(cell.text for cell in row)]
    n_titles = _n_titles(rows)
    yield from (Line("paragraph", row[0].text) for row in rows[:n_titles])
    rows = rows[n_titles:]
    texts = [[cell.text for cell in dict.fromkeys(row)] for row in rows]
    if steps := panel_steps(texts) or step_lists(texts):
        yield from steps
        return
    if remark := _remark(rows):
        yield Line("paragraph", remark)
        return
    n_head = _n_head(rows, grid.n_head and (grid.n_head - n_titles if grid.n_head > n_titles else None))
    n_columns = _n_repeated(rows)
    if n_head and n_columns and all(n_repeated(_texts(row)) == n_columns for row in rows[:n_head]):
        rows = below_each_other(rows, n_columns)
    names = _names(rows[:n_head])
    head = {_texts(row) for row in rows[:n_head]}
    below = [row for row in rows[n_head:] if _texts(row) not in head and any(cell.text for cell in row)]
    for row in _with_keys(below, names):
        text = _row_text(row, names)
        if _is_subtitle(row):
            yield Line("paragraph", row[0].text)
        elif _is_group(row):
            yield Line("paragraph", " ".join(cell.text for cell in dict.fromkeys(row) if cell.text))
        elif text:
            yield Line("row", text)
    if not below:
        yield from (Line("row", text) for row in rows[:n_head] if (text := _row_text(row, ())))


def _remark(rows: Sequence[tuple[Cell, ...]]) -> str:
    """What a box of two cells says that begins with a signal word, or nothing."""
    texts = [cell.text for cell in rows[0]] if len(rows) == 1 else []
    word = signal_word(texts[0]) if len(texts) == 2 and texts[1] else ""
    return f"{word}: {texts[1]}" if word else ""


def _with_keys(rows: Sequence[tuple[Cell, ...]], names: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """The rows, each with its key, which the first of several may say for all: a code with its causes."""
    n_keys = _n_keys(rows, names)
    above: tuple[Cell, ...] = ()
    for row in rows:
        is_apart = _is_subtitle(row) or any(_SUM.match(cell.text) for cell in row)
        n_empty = sum(1 for _ in takewhile(lambda cell: not cell.text, row[:n_keys]))
        is_keyless = n_empty > 0 and not is_apart and row[0] not in row[1:]
        keyed = (*above[:n_empty], *row[n_empty:]) if is_keyless and above else row
        above = () if is_apart else keyed if keyed[0].text else above
        yield keyed


def _n_keys(rows: Sequence[tuple[Cell, ...]], names: Sequence[str]) -> int:
    """How many columns from the first on are keys: they are called so, or hold nothing but codes."""
    n_named = sum(1 for _ in takewhile(_CARRIED_NAME.fullmatch, names))
    keys = [row[0].text for row in rows if row[0].text and not _is_subtitle(row)]
    return n_named or int(len(keys) > 1 and all(map(_CARRIED_CODE.fullmatch, keys)))


def head_of(rows: Sequence[tuple[Cell, ...]]) -> Sequence[tuple[Cell, ...]]:
    """The rows that name the columns, of a table whose format does not tell."""
    rows = [row for row in rows if any(cell.text for cell in row)]
    rows = rows[_n_titles(rows) :]
    return rows[: _n_head(rows, None)]


def _n_titles(rows: Sequence[tuple[Cell, ...]]) -> int:
    """How many rows at the top are one cell over the whole width."""
    n_titles = 0
    while n_titles < len(rows) - 1 and _is_subtitle(rows[n_titles]):
        n_titles += 1
    return n_titles


def _is_subtitle(row: Sequence[Cell]) -> bool:
    """Whether one cell takes the whole width, two columns or more."""
    return len(row) > 1 and len(set(row)) == 1


def _is_group(row: Sequence[Cell]) -> bool:
    """Whether the first cell takes several columns and titles the rows below, with nothing beside it.

    One over most of them that ends in a colon may have a remark behind it.
    """
    first = row[0]
    others = [cell for cell in row if cell is not first]
    is_title = first.text.endswith(":") and len(row) > 2 * len(set(others))
    return row.count(first) > 1 and bool(first.text) and (is_title or not any(cell.text for cell in others))


def _texts(row: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(cell.text.casefold().rstrip(":") for cell in row)


def _n_head(rows: Sequence[tuple[Cell, ...]], marked: int | None) -> int:
    """How many rows at the top name the columns."""
    if (marked or 0) < 2 and (n_columns := _n_repeated(rows)):
        return sum(1 for _ in takewhile(lambda row: n_repeated(_texts(row)) == n_columns, rows[:-1]))
    if marked == 0:
        return 0
    if marked is not None:
        return _reached(rows, min(marked, len(rows)))
    is_all_bold = len(rows) > 2 and all(map(_is_head, rows))
    n_bold = _n_bold(rows)
    if n_bold and not is_all_bold:
        return _reached(rows, n_bold)
    return _n_merged(rows) or (_n_over_models(rows) if _looks_like_head(rows) else 0)


def _n_repeated(rows: Sequence[tuple[Cell, ...]]) -> int:
    """How many columns stand beside each other again, the first row with the same names, or 0.

    No cell reaches from those into the next, and none below is called as a column is.
    """
    if len(rows) < 2 or any(_VALUE.search(cell.text) for cell in rows[0]):
        return 0
    names = _texts(rows[0])
    n_columns = n_repeated(names)
    if not n_columns or any(len(row) != len(names) for row in rows):
        return 0
    are_joined = any(row[at - 1] is row[at] for row in rows for at in range(n_columns, len(row), n_columns))
    below = [texts for row in rows[1:] if (texts := _texts(row)) != names]
    is_value = any(text in names for texts in below for text in texts)
    return 0 if are_joined or is_value else n_columns


def _n_bold(rows: Sequence[tuple[Cell, ...]]) -> int:
    """How many rows at the top are marked, up to the title of the first group: it names no columns."""
    n_bold = 0
    while n_bold < len(rows) - 1 and _is_head(rows[n_bold]) and not (n_bold and _is_subtitle(rows[n_bold])):
        n_bold += 1
    return n_bold


def _reached(rows: Sequence[tuple[Cell, ...]], n_head: int) -> int:
    """How many rows the head has, with those, two at most, that its cells reach down into."""
    reached = n_head
    while reached < len(rows) - 1 and set(rows[reached - 1]) & set(rows[reached]):
        reached += 1
    return reached if reached <= n_head + 2 else n_head


def _n_merged(rows: Sequence[tuple[Cell, ...]]) -> int:
    """How many rows an unmarked head of merged cells has, as over `Low` and `High`; 0 if there is none.

    One of its names stands over several columns, one beside others; nothing below is merged so.
    """
    n_head = _reached(rows, 1) if rows else 0
    head, below = rows[:n_head], rows[n_head:]
    is_head = (
        n_head > 1
        and len(set(head[0])) < len(head[0])
        and not any(_VALUE.search(cell.text) for row in head for cell in row)
        and not any(set(row) & set(following) for row, following in pairwise(below))
    )
    return n_head if is_head else 0


def _is_head(row: Sequence[Cell]) -> bool:
    return len(row) > 1 and all(cell.is_head for cell in row if cell.text)


def _looks_like_head(rows: Sequence[tuple[Cell, ...]]) -> bool:
    """Whether an unmarked first row reads like names: short, all different, no values.

    Only a name of models may stand over several columns: elsewhere such a cell is a value as a rule.
    Above the rows' own names, in the first column, it may be empty. Two columns are names and values rather,
    unless the first is known as one of codes or measures, and the rows below begin with such.
    """
    if len(rows) < 3:
        return False
    texts = [cell.text for cell in dict.fromkeys(rows[0])]
    is_merged = len(texts) < len(rows[0])
    return (
        (len(rows[0]) >= 3 or _is_keyed(rows))
        and all(texts[1:])
        and len(set(texts)) == len(texts)
        and all(len(text) <= _LONGEST_NAME for text in texts)
        and (_names_models(rows) or _has_models(rows) or not (is_merged or any(map(_VALUE.search, texts))))
    )


def _has_models(rows: Sequence[tuple[Cell, ...]]) -> bool:
    """Whether the first row names columns in words, two or more of them by models, as `X-200` and `X-400`.

    What stands below models are values and words: where it is mostly names of their kind, all are codes.
    """
    corner, *names = (cell.text for cell in dict.fromkeys(rows[0]))
    models = {name for name in names if _NUMBERED_MODEL.fullmatch(name)}
    words = [corner, *(name for name in names if name not in models)]
    below = [
        cell.text for row in rows[1:] for name, cell in zip(rows[0], row, strict=False) if name.text in models
    ]
    n_alike = sum(1 for text in below if _NUMBERED_MODEL.fullmatch(text))
    is_in_words = not any(map(_VALUE.search, words)) and all(row[0].text for row in rows[1:])
    return len(models) > 1 and is_in_words and 2 * n_alike < sum(1 for text in below if text)


def _names_models(rows: Sequence[tuple[Cell, ...]]) -> bool:
    """Whether the first row names models as `X1` and `B12-20` above the values of each.

    Its corner is empty or says that they are models, and every row below it begins with its own name.
    """
    corner, *names = (cell.text for cell in dict.fromkeys(rows[0]))
    is_corner = not corner or _MODEL_NAME.fullmatch(corner.rstrip(":")) is not None
    are_named = all(row[0].text for row in rows[_n_over_models(rows) :])
    return is_corner and bool(names) and all(map(_MODEL.fullmatch, names)) and are_named


def _n_over_models(rows: Sequence[tuple[Cell, ...]]) -> int:
    """How many rows a head has: two where a name over several columns has the voltages of each below it."""
    is_merged = len(set(rows[0])) < len(rows[0])
    corner, *kinds = (cell.text for cell in rows[1])
    return 2 if is_merged and not corner and kinds and all(kinds) else 1


def _is_keyed(rows: Sequence[tuple[Cell, ...]]) -> bool:
    """Whether two columns are keys and what they stand for, and the first row says so.

    Its first name is known as one of keys, or its second has a unit, and only numbers below it.
    """
    if len(rows[0]) != 2 or not all(_KEY.fullmatch(row[0].text) for row in rows[1:]):
        return False
    key, value = (cell.text.rstrip(":") for cell in rows[0])
    is_over_numbers = _MEASURED.fullmatch(value) and all(row[1].text[:1].isdigit() for row in rows[1:])
    return _KEY_NAME.fullmatch(key) is not None or bool(is_over_numbers)


def _names(head: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """Each column's name: the head's cells above it, top to bottom."""
    width = max((len(row) for row in head), default=0)
    names = []
    for column in range(width):
        parts: list[str] = []
        for row in head:
            text = row[column].text.rstrip(":") if column < len(row) else ""
            if text and text not in parts:
                parts.append(text)
        names.append(" / ".join(parts))
    return tuple(names)


def _row_text(row: Sequence[Cell], names: Sequence[str]) -> str:
    parts = []
    for cell, columns in _runs(row):
        if cell.text:
            text = cell.text.replace(CELL_SEPARATOR, " / ")
            name = ", ".join(dict.fromkeys(names[column] for column in columns if column < len(names)))
            parts.append(f"{name}: {text}" if name else text)
    if not names and len(parts) == 2 and row[0].is_head and not parts[0].endswith(":"):
        return f"{with_colon(parts[0])} {parts[1]}"
    return CELL_SEPARATOR.join(parts)


def _runs(row: Sequence[Cell]) -> Iterator[tuple[Cell, list[int]]]:
    """Each cell with the columns that it spans."""
    for cell, places in groupby(enumerate(row), key=lambda place: place[1]):
        yield cell, [column for column, _ in places]
