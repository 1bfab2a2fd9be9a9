"""The blocks of AsciiDoc → those of Markdown: sections, lists, notes, code, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qa_core.documents.asciidoc.tables import Form, column_styles, form_of, is_headed, placed, read_cells
from qa_core.documents.blocks import with_colon
from qa_core.documents.markdown.pandoc import as_html
from qa_core.documents.markup import FENCE, MAX_DEPTH, Part, read_blocks

_NOTE = r"(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)"
_TITLE = re.compile(r"(={1,6}|#{1,6})\s+(\S.*?)(?:\s+\1)?\s*")
_UNDERLINES = "=-~^+"
_ATTRIBUTE = re.compile(r":(!?[\w-]+!?):(?:\s+(.*))?")
_UNSHOWN = re.compile(
    r"//(?!//)(?!/$).*|(?:ifn?def|ifeval|endif|include|image|video|audio|toc)::.*\[.*\]\s*|<<<|'''|\+"
)
_NAME = re.compile(r"\[\[([\w:.-]+)(?:,.*)?\]\]|\[.*?#([\w:.-]+).*\]")
_META = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]\s*")
_CAPTION = re.compile(r"\.([^\s.].*)")
_EDGE = re.compile(r"(/{4,}|-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|--|`{3}(?:\w*)|[|!,:]={3,})\s*")
_REMARK = re.compile(rf"({_NOTE}): +(\S.*)")
_ITEM = re.compile(r"\s*(\*{1,6}|-|\.{1,6}|\d{1,3}\.|[a-zA-Z]\.|<(?:\d{1,2}|\.)>)\s+(\S.*)")
_TERM = re.compile(r"\s*(?!//)(\S.*?)(:{2,4}|;;)(?:\s+(\S.*))?\s*")
_NAME_PART = r"[A-Z][\w.'-]*"  # of an author
_HEADER = re.compile(
    r".*<[^<>@\s]+@[^<>\s]+>.*|v?\d[\w.]*(?:[,:].*)?"
    rf"|{_NAME_PART}(?:(?:\s+{_NAME_PART}){{1,3}}|[A-Z][\w.'-]*)\s*"
)
_INDENT = "    "


@dataclass(slots=True)
class Blocks:
    """Reads the lines of a file, and of what stands in others."""

    attributes: dict[str, str] = field(default_factory=dict)  # `:product: Brisa 200`
    titles: dict[str, str] = field(default_factory=dict)  # of sections, by what links call them

    def read(self, lines: Sequence[str], depth: int = 0) -> Iterator[str]:
        """The lines as Markdown."""
        return read_blocks(lines, depth, self._block)

    def _block(self, lines: Sequence[str], at: int, depth: int, *, is_attached: bool = False) -> Part:
        """The block that begins here, with what is said of it in the lines above it.

        One that is attached to an item ends where the next item begins.
        """
        meta, caption = "", ""
        while at < len(lines) and (known := self._about(lines[at])):
            meta, caption = meta + known[0], known[1] or caption
            at += 1
        if at == len(lines) or not lines[at].strip():
            return at, ["", *_titled(caption)]
        if title := self._title(lines, at, meta):
            return title
        kind = re.match(rf"\[({_NOTE})\b", meta)
        above = [*_titled(kind[1].capitalize() if kind else ""), *_titled(caption)]
        edge = _EDGE.fullmatch(lines[at])
        if edge:
            closing = "```" if edge[1].startswith("```") else edge[1]
            end = next((i for i in range(at + 1, len(lines)) if lines[i] == closing), len(lines))
            return end + 1, [*above, *self._held(edge[1], meta, lines[at + 1 : end], depth)]
        if _item(lines[at]):
            end, part = self._list(lines, at, depth)
            return end, [*above, "", *part, ""]
        end, part = self._paragraph(lines, at, is_attached=is_attached)
        return end, [*above, *part]

    def _about(self, line: str) -> tuple[str, str] | None:
        """What a line says of the block below it: attributes, or its title; None if it is none of these."""
        if found := _ATTRIBUTE.fullmatch(line):
            self.attributes[found[1].strip("!")] = found[2] or ""
            return "", ""
        if _UNSHOWN.fullmatch(line):
            return "", ""
        if _META.fullmatch(line):
            return line.strip(), ""
        caption = _CAPTION.fullmatch(line)
        return ("", caption[1]) if caption and not _EDGE.fullmatch(line) and not _item(line) else None

    def _title(self, lines: Sequence[str], at: int, meta: str) -> Part | None:
        """A section's title, with a mark in front or a line below it as long."""
        found = _TITLE.fullmatch(lines[at])
        below = lines[at + 1].rstrip() if at + 1 < len(lines) else ""
        sign = below[:1]
        text = lines[at].strip()
        is_ruled = len(below) > 1 and sign in _UNDERLINES and below == sign * len(below)
        if found:
            level, text, end = len(found[1]), found[2], at + 1
        elif is_ruled and abs(len(text) - len(below)) <= 1 and text[:1].isalnum() and not _item(text):
            level, end = _UNDERLINES.index(sign) + 1, at + 2
        else:
            return None
        names = [name for pair in _NAME.findall(meta) for name in pair if name]
        own = re.sub(r"\W+", "_", text.lower()).strip("_")
        for name in (*names, f"_{own}", own, own.replace("_", "-"), text):
            self.titles.setdefault(name, text)
        while level == 1 and end < len(lines) and _HEADER.fullmatch(lines[end]):
            end += 1
        return end, ["", f"{'#' * level} {text}", ""]

    def _held(self, edge: str, meta: str, lines: Sequence[str], depth: int) -> Iterator[str]:
        """What stands between two edges: code, a table, or blocks."""
        if edge[0] in "|!,:":
            yield from self._table(meta, lines, depth, form_of(edge[0], meta))
        elif edge[0] in "-.`" and (edge != "--" or re.match(r"\[(?:source|listing|literal)\b", meta)):
            yield from ("", FENCE, *lines, FENCE, "")
        elif edge[0] not in "/+":
            yield from ("", *self.read(lines, depth + 1), "")

    def _table(self, meta: str, lines: Sequence[str], depth: int, form: Form) -> Iterator[str]:
        def shown(text: str, style: str) -> str:
            return "\n".join(self.read(text.split("\n"), depth + 1)) if style == "a" else _joined(text)

        styles = column_styles(meta, lines, form)
        yield from as_html(placed(read_cells(lines, form), styles, shown, is_headed=is_headed(meta, lines)))

    def _list(self, lines: Sequence[str], at: int, depth: int) -> Part:
        """The items of a list, with the lists in them and what `+` attaches to them."""
        marks: list[str] = []  # of the lists that are open, outermost first
        shown: list[str] = []
        while at < len(lines) and (item := _item(lines[at])):
            mark, text = item
            kind = re.sub(r"\d+|[a-zA-Z](?=\.)", "1", mark)
            marks = marks[: marks.index(kind) + 1] if kind in marks else [*marks, kind]
            at, texts = _item_text(lines, at + 1, text, is_term=":" in mark or mark == ";;")
            indent = _INDENT * (len(marks) - 1)
            shown.append(f"{indent}{_bullet(mark)}{' '.join(texts)}")
            while depth < MAX_DEPTH and at + 1 < len(lines) and lines[at].strip() == "+":
                at, part = self._block(lines, at + 1, depth + 1, is_attached=True)
                shown += ["", *(f"{indent}{_INDENT}{line}" if line else "" for line in part), ""]
            following = next((i for i in range(at, len(lines)) if lines[i].strip()), len(lines))
            at = following if following < len(lines) and _item(lines[following]) else at
        return at, shown

    def _paragraph(self, lines: Sequence[str], at: int, *, is_attached: bool) -> Part:
        """Lines up to an empty one or the next block; what is indented is code."""
        end = at + 1
        while end < len(lines) and lines[end].strip() and not _ends_text(lines[end]):
            if is_attached and _item(lines[end]):
                break
            end += 1
        text = [line for line in lines[at:end] if not _UNSHOWN.fullmatch(line)]
        if lines[at][0].isspace():
            return end, ["", FENCE, *text, FENCE, ""]
        remark = _REMARK.fullmatch(text[0])
        first = (
            [*_titled(remark[1].capitalize()), remark[2]]
            if remark
            else [re.sub(r"^(?=[#>])", r"\\", text[0])]
        )
        return end, [*first, *text[1:], ""]


def _ends_text(line: str) -> bool:
    return line == "+" or _EDGE.fullmatch(line) is not None or _META.fullmatch(line) is not None


def _titled(text: str) -> list[str]:
    return ["", f"_{text}_", ""] if text else []


def _joined(text: str) -> str:
    return re.sub(r"^(?=[#>])|^(?=[-+]$)", r"\\", " ".join(text.split()))


def _item(line: str) -> tuple[str, str] | None:
    """The mark and the text of a line that begins an item; a term has a colon behind it."""
    if found := _ITEM.fullmatch(line):
        return found[1], found[2]
    term = _TERM.fullmatch(line)
    return (term[2], f"{with_colon(term[1])} {term[3] or ''}".strip()) if term else None


def _item_text(lines: Sequence[str], at: int, text: str, *, is_term: bool) -> tuple[int, list[str]]:
    """Where an item's text ends, and its lines; what a term stands for may come below an empty line."""
    texts = [text]
    if is_term and text.endswith(":"):
        following = next((i for i in range(at, len(lines)) if lines[i].strip()), at)
        at = at if following == at or not _goes_on(lines[following]) else following
    while at < len(lines) and _goes_on(lines[at]):
        texts[-1] = texts[-1].removesuffix(" +")
        texts.append(lines[at].strip())
        at += 1
    return at, texts


def _goes_on(line: str) -> bool:
    begins = (_EDGE, _META, _TITLE, _UNSHOWN, _CAPTION)
    is_text = bool(line.strip()) and line.strip() != "+" and not _item(line)
    return is_text and not any(pattern.fullmatch(line) for pattern in begins)


def _bullet(mark: str) -> str:
    number = re.search(r"\d+", mark)
    is_step = number is not None or mark[0] in ".<" or mark[0].isalpha()
    return f"{number[0] if number else 1}.".ljust(4) if is_step else "-   "
