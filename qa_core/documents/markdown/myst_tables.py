"""The tables that MyST writes as lists of lists, or as comma-separated values: their cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence

_ROW = re.compile(r"(\s*)([*+-]\s+)([*+-](?:\s+|$))(.*)")
_DELIMITERS = {"tab": "\t", "space": " "}


def table_rows(name: str, options: Mapping[str, str], lines: Sequence[str]) -> list[list[str]] | None:
    """The rows of the table, the names of its columns first; None if it is written in no way we know."""
    if name == "list-table":
        return _listed(lines)
    given = options.get("delim", ",")
    delimiter = _DELIMITERS.get(given, given)
    if len(delimiter) != 1:
        return None
    head = [options["header"]] if "header" in options else []
    return [*_separated(head, delimiter), *_separated(lines, delimiter)]


def _separated(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The values in the lines; in a line where quotation marks do not pair, they are no more than signs."""
    texts = [f"{line}\n" for line in lines]
    try:
        rows = list(csv.reader(texts, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        rows = [
            line.split(delimiter)
            if line.count('"') % 2
            else next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
            for line in lines
        ]
    return [[cell.strip() for cell in row] for row in rows if any(row)]


def _listed(lines: Sequence[str]) -> list[list[str]] | None:
    """The rows of a list of lists, told by the indent of the first one's marks."""
    rows: list[list[str]] = []
    indents: tuple[int, int] | None = None
    for line in lines:
        row = _ROW.fullmatch(line)
        begins = (len(row[1]), len(row[1]) + len(row[2])) if row else None
        indent = len(line) - len(line.lstrip())
        if row and (indents is None or begins == indents):
            indents = begins
            rows.append([row[4]])
        elif not line.strip():
            if rows:
                rows[-1][-1] += "\n"
        elif indents is None or indent < indents[1]:
            return None
        elif indent == indents[1] and re.match(r"[*+-](?:\s|$)", line.lstrip()):
            rows[-1].append(line.lstrip()[1:].lstrip())
        else:
            rows[-1][-1] += "\n" + line[min(indent, indents[1] + 2) :]
    return rows
