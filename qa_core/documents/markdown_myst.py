"""The Markdown of Sphinx (MyST): directives and roles → plain Markdown."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

_OPENS = re.compile(r"(\s*)(`{3,}|~{3,}|:{3,})\s*\{([\w:.-]+)\}\s*(.*?)\s*")
_CODE_OPENS = re.compile(r"\s*(`{3,}|~{3,})")
_OPTION = re.compile(r"\s*:([\w-]+):\s*(.*?)\s*")
_CODE_OR_ROLE = re.compile(
    r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|\{[\w:.+-]+\}(`+)(?!`)(?P<text>.+?)(?<!`)\2(?!`)"
)
_BEHIND_TITLE = re.compile(r"(?<=\S)\s*<[^<>]+>$")
_TARGET = re.compile(r"\s*\([\w:.-]+\)=\s*")
_ASIDE = re.compile(r"%.*|\+\+\+.*")  # a comment, and where cells of a notebook part
_FIELD = re.compile(r":([A-Za-z][\w ()-]*):(?:\s+(.*))?")
_ROW, _CELL = re.compile(r"\s*\*\s+-(?:\s+(.*))?"), re.compile(r"\s*-(?:\s+(.*))?")

_LEFT_OUT = frozenset(
    ["toctree", "contents", "tableofcontents", "index", "image", "raw", "meta", "highlight"]
)
_CODE = frozenset(["code", "code-block", "code-cell", "sourcecode", "parsed-literal", "math", "eval-rst"])
_NOTES_TEXT = "attention caution danger error hint important note seealso tip warning"
_NOTES = frozenset(_NOTES_TEXT.split())
_NAMES = {
    "seealso": "See also",
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}
_PLAIN_TEXT = "card-carousel container div figure glossary grid only tab-set tabs"
_PLAIN = frozenset(_PLAIN_TEXT.split())
_TITLED_TEXT = """
    admonition card deprecated dropdown grid-item grid-item-card rubric sidebar tab tab-item table topic
    versionadded versionchanged
"""
_TITLED = frozenset(_TITLED_TEXT.split())
_TABLES = frozenset(["list-table", "csv-table"])
_KNOWN = _LEFT_OUT | _CODE | _NOTES | _PLAIN | _TITLED | _TABLES


def plain_myst(lines: Sequence[str]) -> list[str]:
    """The lines without directives and roles, if any are in them."""
    if not any(_opened(line) or _TARGET.fullmatch(line) or _has_role(line) for line in lines):
        return list(lines)
    return list(_plain(lines))


def _has_role(line: str) -> bool:
    return any(found["text"] for found in _CODE_OR_ROLE.finditer(line))


def _words_of(found: re.Match[str]) -> str:
    """The words of a role, without where they lead; code as it is."""
    return _BEHIND_TITLE.sub("", found["text"]) if found["text"] else found[0]


def _opened(line: str) -> re.Match[str] | None:
    """A line that opens a directive; what is not known may be code to run, as `{r}`."""
    found = _OPENS.fullmatch(line)
    return found if found and found[3].lower() in _KNOWN else None


def _plain(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line, end = lines[at], at
        if opened := _opened(line):
            end = _end(lines, at, opened[2])
            yield from _directive(opened, lines[at + 1 : end])
        elif code := _CODE_OPENS.match(line):
            end = _end(lines, at, code[1])
            yield from lines[at : end + 1]
        elif field := _FIELD.fullmatch(line):
            yield f"- {field[1]}: {field[2] or ''}"
        elif not _TARGET.fullmatch(line) and not _ASIDE.fullmatch(line):
            yield _CODE_OR_ROLE.sub(_words_of, line)
        at = end + 1


def _end(lines: Sequence[str], first: int, fence: str) -> int:
    """Where what a fence opens is closed, by one that is as long at least."""
    closing = re.compile(rf"\s*{re.escape(fence[0])}{{{len(fence)},}}\s*")
    return next((at for at in range(first + 1, len(lines)) if closing.fullmatch(lines[at])), len(lines))


def _directive(opened: re.Match[str], lines: Sequence[str]) -> Iterator[str]:
    indent, _, name, argument = opened.groups()
    name = name.lower()
    options, body = _parted(lines)
    title = " ".join(filter(None, [_NAMES.get(name, ""), argument])) if name in _TITLED else ""
    if name in _LEFT_OUT:
        return
    if name in _CODE:
        yield from _titled(indent, options.get("caption", ""))
        yield from (f"{indent}```", *body, f"{indent}```")
    elif name in _TABLES:
        yield from _titled(indent, argument)
        yield from (f"{indent}{line}" if line else "" for line in _table(name, options, body))
    elif name == "glossary":
        yield from _glossary(body)
    elif name in _NOTES:
        yield from _titled(indent, _NAMES.get(name, name.capitalize()))
        yield from _plain([f"{indent}{argument}", *body] if argument else body)
    else:
        yield from _titled(indent, title)
        yield from _plain(body)
    yield ""


def _titled(indent: str, title: str) -> Iterator[str]:
    yield ""
    if title:
        yield from (f"{indent}*{title}*", "")


def _parted(lines: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """The options at the top of a directive, and what follows."""
    options: dict[str, str] = {}
    for at, line in enumerate(lines):
        option = _OPTION.fullmatch(line)
        if option is None:
            return options, lines[at:]
        options[option[1]] = option[2]
    return options, ()


def _glossary(lines: Sequence[str]) -> Iterator[str]:
    """Terms with their definitions below, as Markdown's definition lists."""
    terms: list[str] = []
    for line in lines:
        if line.strip() and not line[:1].isspace():
            terms.append(line.strip())
        elif terms and line.strip():
            yield from ("", ", ".join(terms), f": {line.strip()}")
            terms = []
        else:
            yield line


def _table(name: str, options: dict[str, str], lines: Sequence[str]) -> Iterator[str]:
    n_head = options.get("header-rows", "0")
    rows = list(csv.reader(lines, skipinitialspace=True) if name == "csv-table" else _listed(lines))
    head = list(csv.reader([options["header"]], skipinitialspace=True)) if "header" in options else []
    n_names = len(head) + (int(n_head) if n_head.isdigit() else 0)
    yield "<table>"
    for at, row in enumerate([*head, *filter(None, rows)]):
        tag = "th" if at < n_names else "td"
        yield "<tr>"
        for cell in row:
            yield from (f"<{tag}>", "", *_plain(cell.split("\n")), "", f"</{tag}>")
        yield "</tr>"
    yield from ("</table>", "")


def _listed(lines: Iterable[str]) -> Iterator[list[str]]:
    """The rows of a list of lists."""
    row: list[str] = []
    for line in lines:
        begins, goes_on = _ROW.fullmatch(line), _CELL.fullmatch(line)
        if begins:
            yield row
            row = [begins[1] or ""]
        elif goes_on and row:
            row.append(goes_on[1] or "")
        elif row:
            row[-1] = f"{row[-1]}\n{line.strip()}"
    yield row
