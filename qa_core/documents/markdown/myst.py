"""The Markdown of Sphinx (MyST): directives and roles → plain Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

import yaml

from qa_core.documents.markdown.myst_roles import TARGET, has_role, with_titles, without_roles
from qa_core.documents.markdown.myst_tables import table_rows
from qa_core.documents.markdown.spans import FENCE, change_paragraphs
from qa_core.documents.markup import MAX_DEPTH

_OPENS = re.compile(r"(\s*)(`{3,}|~{3,}|:{3,})\s*\{([\w:.-]+)\}\s*(.*?)\s*")
_RAW_OPENS = re.compile(r"\s*(?:`{3,}|~{3,})\s*\{=([a-z0-9_+-]+)\}\s*")  # what Pandoc hands on to one format
HTML_FORMATS = frozenset(["html", "html4", "html5"])
_PANDOCS_TEXT = """
    asciidoc beamer commonmark context docbook docx epub epub2 epub3 gfm icml ipynb jats jira latex man
    markdown mediawiki ms odt opendocument openxml org plain pptx revealjs rst rtf slidy tei tex texinfo
    textile typst
"""
RAW_FORMATS = HTML_FORMATS | frozenset(_PANDOCS_TEXT.split())
_CODE_OPENS = re.compile(FENCE)
_FENCE = re.compile(r"`{3,}")
_OPTION = re.compile(r"\s*:([a-z][a-z-]*):(?:\s+(.*?))?\s*")
_OPTIONS_TEXT = """
    align alt animate caption child-align child-direction class color columns delim dedent emphasize-lines
    encoding escape figclass figwidth file force gutter header header-rows height icon keepspace label
    lineno-start linenos link link-alt link-type margin name nowrap number-lines open outline padding quote
    reverse scale selected shadow stub-columns sync sync-group tags target text-align url width widths
"""
_OPTIONS = frozenset(_OPTIONS_TEXT.split())
_OPTIONS_BEGIN = ("class-", "img-")
_ASIDE = re.compile(r"% .*|%|\+\+\+(?: \{.*\})?\s*")  # a comment, and where cells of a notebook part
_FIELD = re.compile(r":([A-Za-z][\w ()-]*):(?:\s+(.*))?")

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
    """The lines without directives, roles and what is meant for other formats, if any are in them."""
    is_sure = any(_opened(line) or _is_target(lines, at) for at, line in enumerate(lines))
    if not is_sure and not any(map(_RAW_OPENS.fullmatch, lines)) and not has_role("\n".join(lines)):
        return list(lines)
    return list(_plain(with_titles(lines), 0, is_sure))


def _opened(line: str) -> re.Match[str] | None:
    """A line that opens a directive; what is not known may be code to run, as `{r}`."""
    found = _OPENS.fullmatch(line)
    return found if found and found[3].lower() in _KNOWN else None


def _is_target(lines: Sequence[str], at: int) -> bool:
    """Whether a heading is named here, for links that lead to it."""
    if not TARGET.fullmatch(lines[at]) or (at and lines[at - 1].strip()):
        return False
    return next((line for line in lines[at + 1 :] if line.strip()), "").startswith("#")


def _plain(lines: Sequence[str], depth: int, is_sure: bool = True) -> Iterator[str]:
    at = 0
    prose: list[str] = []
    while at < len(lines):
        is_first = not prose or not prose[-1].strip()
        part, end = _part(lines, at, depth, is_sure, is_first)
        if part is None:
            prose.append(lines[at])
        else:
            yield from change_paragraphs(prose, without_roles)
            yield from part
            prose = []
        at = end + 1
    yield from change_paragraphs(prose, without_roles)


def _part(
    lines: Sequence[str], at: int, depth: int, is_sure: bool, is_first: bool
) -> tuple[Iterable[str] | None, int]:
    """What is shown of the directive, code or aside that begins here, and its end; of prose, None."""
    line = lines[at]
    opened = _opened(line) if depth < MAX_DEPTH else None
    if opened and ((end := _end(lines, at, opened[2])) < len(lines) or _may_be_open(opened)):
        return _directive(opened, lines[at + 1 : end], depth + 1), end
    if code := _CODE_OPENS.match(line):
        end = _end(lines, at, code["fence"])
        return _fenced(lines[at : end + 1], is_closed=end < len(lines)), end
    if not is_sure or not is_first:
        return None, at
    if _ASIDE.fullmatch(line) or TARGET.fullmatch(line):
        return (), at
    if field := _FIELD.fullmatch(line):
        return change_paragraphs([f"- {field[1]}: {field[2] or ''}"], without_roles), at
    return None, at


def _fenced(lines: Sequence[str], *, is_closed: bool) -> Iterable[str]:
    """Code as it is; of what Pandoc hands on to one format, what a page shows."""
    raw = _RAW_OPENS.fullmatch(lines[0]) if is_closed else None
    if raw is None or raw[1] not in RAW_FORMATS:
        return lines
    return _raw(lines[1:-1]) if raw[1] in HTML_FORMATS else ()


def _may_be_open(opened: re.Match[str]) -> bool:
    """Whether all that follows may be read as what the directive holds, although nothing closes it."""
    name = opened[3].lower()
    return name in (_NOTES | _PLAIN | _TITLED) - {"glossary"} or (name in _CODE and opened[2][0] != ":")


def _end(lines: Sequence[str], first: int, fence: str) -> int:
    """Where what a fence opens is closed, by one that is as long at least."""
    closing = re.compile(rf"\s*{re.escape(fence[0])}{{{len(fence)},}}\s*")
    return next((at for at in range(first + 1, len(lines)) if closing.fullmatch(lines[at])), len(lines))


def _directive(opened: re.Match[str], lines: Sequence[str], depth: int) -> Iterator[str]:
    indent, fence, name, argument = opened.groups()
    name = name.lower()
    options, body = _parted(lines)
    title = " ".join(filter(None, [_NAMES.get(name, ""), argument])) if name in _TITLED else ""
    if name in _LEFT_OUT:
        if name == "raw" and "html" in argument.lower():
            yield from _raw(body)
        return
    if name in _CODE:
        yield from _titled(indent, options.get("caption", ""))
        first = [f"{indent}{argument}"] if argument and name in ("math", "parsed-literal") else []
        yield from _code(indent, fence, [*first, *body])
    elif name in _TABLES:
        yield from _titled(indent, argument)
        yield from _table(indent, name, options, body, depth)
    elif name == "glossary":
        yield from ("", *_plain(list(_glossary(body)), depth))
    elif name in _NOTES:
        yield from _titled(indent, _NAMES.get(name, name.capitalize()))
        yield from _plain([f"{indent}{argument}", *body] if argument else body, depth)
    else:
        yield from _titled(indent, title)
        yield from _plain(body, depth)
    yield ""


def _raw(lines: Sequence[str]) -> Iterator[str]:
    """HTML as one block, which an empty line would end and what is indented below it be code."""
    is_plain = not any("<pre" in line.lower() for line in lines)
    yield from ("", *(line.lstrip() if is_plain else line for line in lines if line.strip()), "")


def _titled(indent: str, title: str) -> Iterator[str]:
    yield ""
    if title:
        yield from (f"{indent}*{without_roles(title)}*", "")


def _code(indent: str, fence: str, lines: Sequence[str]) -> Iterator[str]:
    """The lines between fences that none of them closes."""
    if fence[0] == ":":
        fence = "`" * (1 + max([2, *(len(run) for line in lines for run in _FENCE.findall(line))]))
    yield from (f"{indent}{fence}", *lines, f"{indent}{fence}")


def _parted(lines: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """The options at the top of a directive, as lines or as YAML, and what follows."""
    if lines and lines[0].strip() == "---":
        end = next((at for at in range(1, len(lines)) if lines[at].strip() == "---"), 0)
        values = _yaml("\n".join(lines[1:end]))
        return (values, lines[end + 1 :]) if values else ({}, lines)
    options: dict[str, str] = {}
    for at, line in enumerate(lines):
        option = _OPTION.fullmatch(line)
        if option is None or not (option[1] in _OPTIONS or option[1].startswith(_OPTIONS_BEGIN)):
            return options, lines[at:]
        options[option[1]] = option[2] or ""
    return options, ()


def _yaml(text: str) -> dict[str, str]:
    try:
        values = yaml.safe_load(textwrap.dedent(text))
    except (yaml.YAMLError, ValueError):
        return {}
    return {str(key): str(value) for key, value in values.items()} if isinstance(values, dict) else {}


def _glossary(lines: Sequence[str]) -> Iterator[str]:
    """Terms with their definitions below, as Markdown's definition lists."""
    if any(line.lstrip().startswith(": ") for line in lines):  # they are written so already
        yield from lines
        return
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    terms: list[str] = []
    for line in lines:
        if line.strip() and not line[indent : indent + 1].isspace():
            terms.append(line.strip())
        elif terms and line.strip():
            yield from ("", f"{' ' * indent}{', '.join(terms)}", f"{' ' * indent}: {line.strip()}")
            terms = []
        elif not terms:
            yield line
    for term in terms:
        yield from ("", f"{' ' * indent}{term}")


def _table(
    indent: str, name: str, options: dict[str, str], lines: Sequence[str], depth: int
) -> Iterator[str]:
    rows = table_rows(name, options, lines)
    if rows is None:
        yield from _plain(lines, depth)
        return
    n_head = options.get("header-rows", "0")
    n_names = (1 if name == "csv-table" and "header" in options else 0) + (
        int(n_head) if n_head.isdigit() else 0
    )
    yield f"{indent}<table>"
    for at, row in enumerate(rows):
        tag = "th" if at < n_names else "td"
        yield f"{indent}<tr>"
        for cell in row:
            yield from (f"{indent}<{tag}>", "")
            yield from (f"{indent}{line}" if line else "" for line in _plain(cell.split("\n"), depth))
            yield from ("", f"{indent}</{tag}>")
        yield f"{indent}</tr>"
    yield from (f"{indent}</table>", "")
