"""What MkDocs, Docusaurus, GitHub, GitBook, Hugo and Sphinx add to Markdown → plain Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa_core.documents.markdown.marks import unmarked
from qa_core.documents.markdown.myst import plain_myst
from qa_core.documents.markdown.pandoc import without_drawn_tables
from qa_core.documents.markdown.spans import FENCE, change_paragraphs
from qa_core.documents.markdown.tags import ended_tags, without_tags
from qa_core.documents.text.lists import mark_letters

_FENCE = re.compile(rf"{FENCE}(?P<info>.*)")
_INDENTED_NOTE = re.compile(r"(\s*)(?:!!!|\?\?\?\+?|===\+?)\s+(?:([\w-]+)\s*)?(?:\"([^\"]*)\")?\s*")
_FENCED_NOTE = re.compile(r"(\s*):::+\s*(?:\{?([\w-]+)\}?(?:\[([^\]]*)\]|\s+(\S.*))?)?\s*")
_DIVISION = re.compile(r"(\s*):::+\s*\{([^{}]*)\}[\s:]*")  # Pandoc's
_QUOTED_NOTE = re.compile(r"(\s*>\s*)\\?\[!(\w+)\\?\][+-]?\s*(.*)")
_TASK = re.compile(r"(?<!\s)(\s*+(?:[-*+]|\d+[.)])\s+)\[[ xX]\]\s+")
_LINE_OF_CODE = re.compile(
    r"\s*(?:\[TOC\]|\[\[_?toc_?\]\]|\{:?toc\}|import\s.*\sfrom\s+['\"].*|\{%.*%\}|\{:[^}]*\})\s*",
    re.IGNORECASE,
)
_TABS = re.compile(r"</?(?:Tabs|TabItem|CodeGroup|Steps|Step)\b[^<>]*>|\{\{[<%].*?[%>]\}\}")
_SHORTCODE = re.compile(
    r"(\s*+)(?:\{%|\{\{[<%])-?+\s*+([\w-]++)"
    r"((?:\"[^\"\n]*+\"|'[^'\n]*+'|[^%<>{}])*+)(?:%\}|[>%]\}\})\s*+"
)  # on a line of its own
_SHORTCODES_TITLED = frozenset(
    ["accordion", "alert", "callout", "details", "expand", "hint", "tab", "tabitem"]
)
_SHORTCODE_TITLE = re.compile(r"(?:(?:title|header|name|label|summary)\s*=\s*|^\s*)[\"']([^\"']+)[\"']")
_SHORTCODE_KIND = re.compile(r"style\s*=\s*[\"'](warning|danger)[\"']")
_SAID = re.compile(r"\b(?:body|caption|content|message|text)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_INCLUDED = re.compile(r"(?:\s|.*/)([a-z]+)\.\w+(?:\s|$).*")  # `{% include note.html … %}`
_INCLUDE = re.compile(r"\{%-?\s*include\s[^%{}]*%\}")
_ABBREVIATION = re.compile(r"\*\[([^\]]+)\]: (.*)")
_NAMES = "Tab|Accordion|AccordionGroup|Admonition|Callout|Card|CardGroup|Check|Danger|Info|Note|Tip|Warning"
_COMPONENT = re.compile(rf"(\s*)<({_NAMES})(\s[^<>]*)?>\s*(?:(\S.*?)\s*</\2>)?\s*")  # on a line of its own
_COMPONENT_ENDS = re.compile(rf"\s*(?:</(?:{_NAMES}|Tabs|Steps?)>\s*)+")
_ENDED = re.compile(rf"</({_NAMES})>")
_NOTES = frozenset(["Caution", "Danger", "Important", "Info", "Note", "Tip", "Warning"])
_NAMED = re.compile(r"\s(?:label|title)=[\"']([^\"']*)[\"']")
_HELD = re.compile(r"\s*(?:[<>|]|[-*+]\s|\d{1,9}[.)]\s)|\t| {4}")  # a line of a list, quotation, table, HTML
_ITEM = re.compile(r"\s*+(?:[-*+:]|\d{1,9}[.)])\s{1,4}(?=\S)")
_WITH_MARKDOWN = re.compile(r"\s*<[a-z]+\b[^<>]*\smarkdown\b[^<>]*>\s*")
_ATTRIBUTES = re.compile(r"(#{1,6}\s.*?)\s*\{:?\s*[#.][^}]*\}\s*")
_LABEL = re.compile(
    r"<(?:TabItem|Tab|Step|Accordion|Card)\s[^<>]*\b(?:label|title)=[\"']([^\"']*)[\"'][^<>]*>"
)
_INDENT = "    "


@dataclass(slots=True)
class _Place:
    """Where a line stands."""

    is_plain: bool = True  # in no list, quotation or HTML, as far as is plain
    is_after_gap: bool = True

    def take(self, line: str) -> None:
        """Go on to the next line."""
        if _HELD.match(line):
            self.is_plain = False
        elif line[:1] == "#" or (self.is_after_gap and line[:1].strip()):
            self.is_plain = True
        self.is_after_gap = not line.strip()


def plain_markdown(text: str) -> str:
    """The text with notes, tabs, tasks and items in letters as paragraphs; code stays as it is."""
    text = _INCLUDE.sub(lambda tag: " ".join(tag[0].split()), text)
    written = list(_with_all_code(text.split("\n")))
    drawn = without_drawn_tables([line for line, _ in written], [is_code for _, is_code in written])
    text = "\n".join(plain_myst(list(drawn)))
    lines = "\n".join(_without_components(text)).split("\n")
    prose = ["" if is_code else line for line, is_code in _with_code(lines)]
    is_item = [line != marked for line, marked in zip(prose, mark_letters(prose), strict=True)]
    plain = "\n".join(_lines(lines, is_item)).split("\n")
    return "\n".join(_without_marks(plain))


def _with_code(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to fenced code, which a fence as long ends."""
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        yield line, bool(fence or mark)
        if mark and not fence:
            fence = mark["fence"]
        elif mark and mark["fence"].startswith(fence) and not mark["info"].strip():
            fence = ""


def _without_components(text: str) -> Iterator[str]:
    """The lines, with titles for the components that stand on lines of their own.

    A bare tag that nothing ends is a key: `<Tab>`.
    """
    ended = frozenset(_ENDED.findall(text))
    for line, is_code in _with_code(text.split("\n")):
        found = None if is_code else _COMPONENT.fullmatch(line)
        if found and (found[3] or found[2] in ended):
            named = _NAMED.search(found[3] or "")
            title = named[1] if named else found[2] if found[2] in _NOTES else ""
            yield from ("", *(f"{found[1]}{text}\n" for text in (title, found[4]) if text))
        else:
            yield "" if not is_code and _COMPONENT_ENDS.fullmatch(line) else line


def _lines(lines: Sequence[str], is_item: Sequence[bool]) -> Iterator[str]:
    note_indent: int | None = None  # of the indented note that we are in
    place = _Place()
    for (line, is_code), is_lettered in zip(_with_code(lines), is_item, strict=True):
        if note_indent is not None and line.strip() and _indent(line) < note_indent + len(_INDENT):
            note_indent = None
        body = line[len(_INDENT) :] if note_indent is not None and line.strip() else line
        opened = None if is_code else _INDENTED_NOTE.fullmatch(body)
        if opened and (opened[2] or opened[3]):
            note_indent = _indent(line)
            place = _Place(is_plain=not opened[1])
            yield from _title(opened[1], opened[2], opened[3])
            continue
        if not is_code:
            place.take(body)
        if is_lettered and place.is_plain:  # an item of a list in letters, which Markdown does not know
            yield ""
        yield from [body] if is_code else _plain(body)


def _plain(line: str) -> Iterator[str]:
    if division := _DIVISION.fullmatch(line):
        yield from _division(division[1], division[2])
        return
    fenced, quoted = _FENCED_NOTE.fullmatch(line), _QUOTED_NOTE.fullmatch(line)
    if fenced:
        yield from _title(fenced[1], fenced[2], fenced[3] or fenced[4])
    elif quoted:
        yield f"{quoted[1]}*{quoted[3] or quoted[2].capitalize()}*"
        yield quoted[1].rstrip()
    elif shortcode := _SHORTCODE.fullmatch(line):
        indent, name, values = shortcode.groups()
        yield from _title(indent, None, _shortcode_title(name.lower(), values))
        yield from (f"{indent}{said[1] or said[2]}\n" for said in _SAID.finditer(values))
    elif abbreviation := _ABBREVIATION.fullmatch(line):
        yield from ("", f"{abbreviation[1]}: {abbreviation[2]}", "")
    elif not _LINE_OF_CODE.fullmatch(line):
        heading = _ATTRIBUTES.fullmatch(line)
        text = _LABEL.sub(r"\n\n\1\n\n", heading[1] if heading else line)
        yield _TASK.sub(r"\1", _TABS.sub("", text))
        if _WITH_MARKDOWN.fullmatch(line):
            yield ""  # with it what follows is Markdown again


def _division(indent: str, attributes: str) -> Iterator[str]:
    """The title of a division or, if its class is a kind of note, that."""
    named = _NAMED.search(f" {attributes}")
    classes = (name.capitalize() for name in re.findall(r"\.([\w-]+)", attributes))
    kind = next((name for name in classes if name in _NOTES), None)
    return _title(indent, kind, named[1] if named else None)


def _shortcode_title(name: str, values: str) -> str | None:
    """What a site generator shows above the text that a shortcode begins with."""
    if name.capitalize() in _NOTES:
        return name.capitalize()
    included = _INCLUDED.fullmatch(values) if name == "include" else None
    if included and included[1].capitalize() in _NOTES:
        return included[1].capitalize()
    titled = _SHORTCODE_TITLE.search(values) if name in _SHORTCODES_TITLED else None
    kind = _SHORTCODE_KIND.search(values) if name == "hint" else None
    return titled[1] if titled else kind[1].capitalize() if kind else None


def _without_marks(lines: Sequence[str]) -> Iterator[str]:
    """The lines without attributes and the tags of tools, and with keys as they are shown; code as it is."""
    tags = ended_tags(lines)
    for is_code, group in groupby(_with_all_code(lines), lambda pair: pair[1]):
        texts = [line for line, _ in group]
        yield from texts if is_code else without_tags(list(change_paragraphs(texts, unmarked)), tags)


def _with_all_code(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to code, be it fenced or indented below what it stands in."""
    begin = 0  # of the text of the item that we are in
    is_after_gap = True
    for line, is_fenced in _with_code(lines):
        indent = _indent(line)
        is_indented = line.startswith(_INDENT) and indent >= begin + len(_INDENT)
        item = None if is_fenced or is_indented else _ITEM.match(line)
        if item:
            begin = item.end()
        elif is_after_gap and line.strip() and not indent:
            begin = 0
        is_after_gap = not line.strip()
        yield line, is_fenced or is_indented


def _title(indent: str, kind: str | None, title: str | None) -> Iterator[str]:
    name = title or (kind or "").capitalize()
    yield ""
    if name:
        yield f"{indent}*{name}*"
        yield ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
