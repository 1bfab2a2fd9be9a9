"""The blocks of reStructuredText → those of Sphinx's Markdown: sections, directives, lists, tables, code."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qa_core.documents.markdown.pandoc import as_html, without_drawn_tables
from qa_core.documents.markup import FENCE, Part, read_blocks
from qa_core.documents.text.tables import text_table

_RULE = re.compile(r"([=\-`:'\"~^_*+#<>.])\1+\s*")
_DIRECTIVE = re.compile(r"\.\. +(?:\|([^|]+)\| +)?([\w:.-]+)::(?:\s+(.*))?")
_TARGET = re.compile(r"\.\. _`?([^:`]+)`?:\s*(\S*)")
_FOOTNOTE = re.compile(r"\.\. \[([#*]?[\w-]*)\]\s+(.*)")
_ASIDE = re.compile(r"\.\.(?:\s.*)?")
_ITEM = re.compile(r"((?:[*+•‣⁃-]|\(?(?:\d{1,3}|#|[A-Za-z])[.)])\s+)(?=\S)")
_FIELD = re.compile(r":([A-Za-z][^:`]*):(?:\s+(.*))?")
_OPTION_TEXT = r"(?:--?|/|\+)\w[\w-]*(?:[ =]<?[\w-]+>?)?"
_OPTION = re.compile(rf"({_OPTION_TEXT}(?:, {_OPTION_TEXT})*)\s{{2,}}(\S.*)")  # `-q, --quiet  Says less.`
_SIMPLE = re.compile(r"={2,}(?: +={2,})+\s*")
_FRAME = re.compile(r"\+(?:[-=]+\+)+\s*")
_BUILDS_TEXT = """
    class currentmodule default-role highlight include literalinclude meta module only-latex pagebreak program
    role rst-class sectnum tabularcolumns title youtube
"""
_BUILDS = frozenset(_BUILDS_TEXT.split())  # nothing that is shown
_SAYS_TEXT = """
    admonition attention card caution code code-block container contents csv-table danger deprecated dropdown
    error figure glossary grid hint image important index list-table math note only parsed-literal raw rubric
    seealso sidebar sourcecode tab tab-item table tabs tab-set tip toctree topic versionadded versionchanged
    warning
"""
_SAYS = frozenset(_SAYS_TEXT.split())  # what Sphinx's Markdown has, too
_CODE = frozenset(["code", "code-block", "math", "parsed-literal", "raw", "sourcecode"])
_TABLES = frozenset(["csv-table", "list-table"])
_SILENT_FIELDS = frozenset(["orphan", "tocdepth", "nosearch", "nocomments", "no-search", "hide-toc"])
_LONGEST_FENCE = 40


@dataclass(slots=True)
class Blocks:
    """Reads the lines of a file; what stands in others is read in the same way, with its indent taken out."""

    styles: list[tuple[str, bool]] = field(default_factory=list)  # of titles, outermost first
    words: dict[str, str] = field(default_factory=dict)  # that stand for others: `|product|`
    targets: set[str] = field(default_factory=set)  # what links lead to, in small letters

    def read(self, lines: Sequence[str], depth: int = 0) -> Iterator[str]:
        """The lines as Markdown."""
        return read_blocks(lines, depth, self._block)

    def _block(self, lines: Sequence[str], at: int, depth: int) -> Part:
        """Where the block that begins here ends, and what is read of it."""
        line = lines[at]
        if line[0].isspace():
            end = _indented_end(lines, at)
            return end, ["", *self.read(_dedented(lines[at:end]), depth + 1), ""]
        if title := self._title(lines, at):
            return title
        if _ASIDE.fullmatch(line):
            end = _indented_end(lines, at + 1)
            return end, list(self._explicit(line, _dedented(lines[at + 1 : end]), depth))
        if _SIMPLE.fullmatch(line) or _FRAME.fullmatch(line):
            return _table(lines, at)
        return self._listed(lines, at, depth) or self._paragraph(lines, at)

    def _listed(self, lines: Sequence[str], at: int, depth: int) -> Part | None:
        """An item, a field, an option of a command, or a term with its definition."""
        line = lines[at]
        below = lines[at + 1] if at + 1 < len(lines) else ""
        if item := _ITEM.match(line):
            return self._item(lines, at, item[1], depth)
        option = _OPTION.fullmatch(line)
        if found := option or _FIELD.fullmatch(line):
            end = _indented_end(lines, at + 1)
            text = " ".join([found[2] or "", *(part.strip() for part in lines[at + 1 : end])]).strip()
            is_silent = found[1].lower() in _SILENT_FIELDS
            name = f"`{found[1]}`" if option else found[1]
            return end, [] if is_silent else [f"- {name}: {text}"]
        if below[:1].isspace() and below.strip() and not line.rstrip().endswith("::"):
            return self._definition(lines, at, depth)
        return None

    def _title(self, lines: Sequence[str], at: int) -> Part | None:
        """A title with its line below, or one above as well; a line alone parts paragraphs."""
        rule = _RULE.fullmatch(lines[at])
        below = [line.rstrip() for line in lines[at + 1 : at + 3]]
        if rule and len(below) == 2 and below[0].strip() and below[1] == lines[at].rstrip():
            return at + 3, self._headed(below[0], rule[1], is_over=True)
        if rule and len(rule[0].rstrip()) > 3 and not "".join(below[:1]):
            return at + 1, [""]
        under = _RULE.fullmatch(below[0]) if below and rule is None else None
        if under and len(below[0]) >= min(len(lines[at].rstrip()), 4):
            return at + 2, self._headed(lines[at], under[1], is_over=False)
        return None

    def _headed(self, title: str, sign: str, *, is_over: bool) -> list[str]:
        style = (sign, is_over)
        if style not in self.styles:
            self.styles.append(style)
        return ["", f"{'#' * min(self.styles.index(style) + 1, 6)} {title.strip()}", ""]

    def _explicit(self, line: str, body: Sequence[str], depth: int) -> Iterator[str]:
        """A directive, a footnote or what links lead to; a comment is nothing."""
        if target := _TARGET.fullmatch(line):
            self.targets.add(target[1].casefold())
            if not target[2] and re.fullmatch(r"[\w:.-]+", target[1]):
                yield from ("", f"({target[1]})=", "")
        elif footnote := _FOOTNOTE.fullmatch(line):
            text = " ".join([footnote[2], *(part.strip() for part in body)])
            yield from ("", f"[^{footnote[1].lstrip('#*') or 1}]: {text}", "")
        elif directive := _DIRECTIVE.fullmatch(line):
            word, name, argument = directive.groups()
            if word:
                alt = next(
                    (found[2] for row in body if (found := _FIELD.fullmatch(row)) and found[1] == "alt"), ""
                )
                self.words[word] = (argument if name == "replace" else alt) or ""
            elif name.lower() not in _BUILDS:
                yield from self._directive(name.lower(), argument or "", body, depth)

    def _directive(self, name: str, argument: str, body: Sequence[str], depth: int) -> Iterator[str]:
        n_options = next((n for n, line in enumerate(body) if not _FIELD.fullmatch(line)), len(body))
        fence = ("`" if name in _CODE else ":") * (_LONGEST_FENCE - depth)
        held = body[n_options:]
        if name not in _SAYS:  # an object that is described, as `.. option:: --quiet`
            is_file = re.search(r"[/.]\w+$", argument) is not None
            yield from _defined("" if is_file else argument, self.read(held, depth + 1))
            return
        shown = held if name in _CODE | _TABLES else list(self.read(held, depth + 1))
        yield from ("", f"{fence}{{{name}}} {argument}".rstrip(), *body[:n_options])
        yield from (*shown, fence, "")

    def _item(self, lines: Sequence[str], at: int, mark: str, depth: int) -> Part:
        end = _indented_end(lines, at + 1)
        gap = [""] if not "".join(lines[at + 1 : at + 2]).strip() else []
        held = [lines[at][len(mark) :], *gap, *_dedented(lines[at + 1 : end])]
        first, *rest = self.read(held, depth + 1)
        plain = mark.strip().lstrip("(").replace("#", "1").replace("•", "*")
        indent = " " * (len(plain) + 1)
        return end, [f"{plain} {first}", *(f"{indent}{line}" if line else "" for line in rest)]

    def _definition(self, lines: Sequence[str], at: int, depth: int) -> Part:
        end = _indented_end(lines, at + 1)
        held = self.read(_dedented(lines[at + 1 : end]), depth + 1)
        return end, list(_defined(lines[at].strip().replace(" : ", ": "), held))

    def _paragraph(self, lines: Sequence[str], at: int) -> Part:
        """Lines up to an empty one; what is indented below two colons is code, as is what `>>>` begins."""
        end = at
        while end < len(lines) and lines[end].strip() and not lines[end][0].isspace():
            end += 1
        end = max(end, at + 1)
        if lines[at].startswith(">>> "):
            return end, ["", FENCE, *lines[at:end], FENCE, ""]
        if lines[at].startswith("| "):
            return end, [part for line in lines[at:end] for part in (line[2:].strip(), "")]
        text = [re.sub(r"^(?=[#>])", r"\\", line) for line in lines[at:end]]
        if not text[-1].rstrip().endswith("::"):
            return end, text
        last = text.pop().rstrip()[:-1]
        stop = _indented_end(lines, end)
        code = _dedented(lines[end:stop])
        return stop, [*text, "" if last.strip() == ":" else last, "", FENCE, *code, FENCE, ""]


def _defined(term: str, held: Iterable[str]) -> Iterator[str]:
    """A term and what it stands for, as Markdown's definition lists."""
    lines = list(held)
    first = next((at for at, line in enumerate(lines) if line), None)
    if not term or first is None:
        yield from ("", term, *lines, "")
        return
    yield from (
        "",
        term,
        f": {lines[first]}",
        *(f"  {line}" if line else "" for line in lines[first + 1 :]),
        "",
    )


def _indented_end(lines: Sequence[str], first: int) -> int:
    """Where indented lines end, without the empty ones behind them."""
    end = at = first
    while at < len(lines) and (not lines[at].strip() or lines[at][0].isspace()):
        at += 1
        if lines[at - 1].strip():
            end = at
    return end


def _dedented(lines: Sequence[str]) -> list[str]:
    kept = textwrap.dedent("\n".join(line.rstrip() for line in lines)).strip("\n")
    return kept.split("\n") if kept else []


def _table(lines: Sequence[str], at: int) -> Part:
    """A table in a frame, or between rules; the last of them has an empty line below."""
    end = at + 1
    is_framed = lines[at][0] == "+"
    while end < len(lines) and (
        lines[end].strip() or (not is_framed and not _SIMPLE.fullmatch(lines[end - 1]))
    ):
        end += 1
    if is_framed:
        return end, list(without_drawn_tables(lines[at:end], [False] * (end - at)))
    rows = [line for line in lines[at:end] if line.strip()]
    grid = text_table(rows)
    return end, [*as_html(grid)] if grid else rows
