"""What MkDocs, Docusaurus, GitHub, GitBook and Hugo add to Markdown → plain Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_core.documents.text_lists import mark_letters, without_mark

_FENCE = re.compile(r"\s*(```|~~~)")
_INDENTED_NOTE = re.compile(r"(\s*)(?:!!!|\?\?\?\+?|===\+?)\s+(?:([\w-]+)\s*)?(?:\"([^\"]*)\")?\s*")
_FENCED_NOTE = re.compile(r"(\s*):::+\s*(?:\{?([\w-]+)\}?(?:\[([^\]]*)\]|\s+(\S.*))?)?\s*")
_QUOTED_NOTE = re.compile(r"(\s*>\s*)\[!(\w+)\][+-]?\s*(.*)")
_TASK = re.compile(r"(\s*(?:[-*+]|\d+[.)])\s+)\[[ xX]\]\s+")
_LINE_OF_CODE = re.compile(
    r"\s*(?:\[TOC\]|\[\[_?toc_?\]\]|\{:?toc\}|import\s.*\sfrom\s+['\"].*|\{%.*%\}|\{:[^}]*\})\s*",
    re.IGNORECASE,
)
_TABS = re.compile(r"</?(?:Tabs|TabItem|CodeGroup|Steps|Step)\b[^<>]*>|\{\{[<%].*?[%>]\}\}")
_COMPONENT = re.compile(  # on a line of its own; in a sentence `<Tab>` is a key
    r"\s*</?(?:Tab|Accordion|AccordionGroup|Admonition|Callout|Card|CardGroup|Check|Danger|Info|Note|Tip|Warning)"
    r"(?:\s[^<>]*)?>\s*"
)
_WITH_MARKDOWN = re.compile(r"\s*<[a-z]+\b[^<>]*\smarkdown\b[^<>]*>\s*")
_ATTRIBUTES = re.compile(r"(#{1,6}\s.*?)\s*\{:?\s*[#.][^}]*\}\s*")
_LABEL = re.compile(
    r"<(?:TabItem|Tab|Step|Accordion|Card)\s[^<>]*\b(?:label|title)=[\"']([^\"']*)[\"'][^<>]*>"
)
_INDENT = "    "


def plain_markdown(text: str) -> str:
    """The text with notes, tabs, tasks and items in letters as paragraphs; code stays as it is."""
    return "\n".join(_lines(mark_letters(text.split("\n"))))


def _lines(lines: list[str]) -> Iterator[str]:
    fence = ""
    note_indent: int | None = None  # of the indented note that we are in
    for marked in lines:
        line = without_mark(marked)
        if note_indent is not None and line.strip() and _indent(line) < note_indent + len(_INDENT):
            note_indent = None
        body = line[len(_INDENT) :] if note_indent is not None and line.strip() else line
        mark = _FENCE.match(body)
        if fence or mark:
            yield body
            if mark:
                fence = "" if fence == mark[1] else fence or mark[1]
            continue
        opened = _INDENTED_NOTE.fullmatch(body)
        if opened and (opened[2] or opened[3]):
            note_indent = _indent(line)
            yield from _title(opened[1], opened[2], opened[3])
            continue
        if line != marked:  # the next item of a list in letters, which Markdown does not know
            yield ""
        yield from _plain(body)


def _plain(line: str) -> Iterator[str]:
    fenced, quoted = _FENCED_NOTE.fullmatch(line), _QUOTED_NOTE.fullmatch(line)
    if fenced:
        yield from _title(fenced[1], fenced[2], fenced[3] or fenced[4])
    elif quoted:
        yield f"{quoted[1]}**{quoted[3] or quoted[2].capitalize()}**"
        yield quoted[1].rstrip()
    elif not _LINE_OF_CODE.fullmatch(line):
        heading = _ATTRIBUTES.fullmatch(line)
        text = _LABEL.sub(r"\n\n\1\n\n", heading[1] if heading else line)
        text = _COMPONENT.sub("", text) if _COMPONENT.fullmatch(text) else text
        yield _TASK.sub(r"\1", _TABS.sub("", text))
        if _WITH_MARKDOWN.fullmatch(line):
            yield ""  # with it what follows is Markdown again


def _title(indent: str, kind: str | None, title: str | None) -> Iterator[str]:
    name = title or (kind or "").capitalize()
    yield ""
    if name:
        yield f"{indent}**{name}**"
        yield ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
