"""Footnotes, which a page collects at its end → the end of each section that refers to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml.html import HtmlElement

from qa_core.documents.blocks import clean
from qa_core.documents.html_furniture import is_skipped

_LONGEST_MARK = 4  # letters; what is longer is a link to a part of the page
_AGAIN = re.compile(r"(?<=\d):\d+$")  # the second reference to a note in Markdown: `[1:1]`
_NO_SECTION = "boolean(ancestor::table|ancestor::li)"  # a heading there begins none of the page's own


@dataclass(frozen=True, slots=True)
class _Reference:
    """A link to a note; `end` is the heading behind its section, or None for the page's last one."""

    link: HtmlElement
    note: HtmlElement
    end: HtmlElement | None

    @property
    def mark(self) -> str:
        """What stands in the text, in brackets in any case."""
        return f"[{_mark(self.link)}]"


def place_footnotes(root: HtmlElement, is_heading: Callable[[HtmlElement], bool]) -> None:
    """Move list items that link back to where they are referred to from, once for each section.

    They become paragraphs that begin with their marks: `[1] Six months.`
    """
    references = list(_references(root, is_heading))
    for reference in references:
        for link in _links_back(reference.link, reference.note):
            link.drop_tree()
    placed = {(reference.end, reference.note): reference for reference in references}
    for (end, note), reference in placed.items():
        (note.getparent() if end is None else end).addprevious(_paragraph(note, reference.mark))
    for reference in references:
        mark = reference.mark
        for child in list(reference.link):
            reference.link.remove(child)
        reference.link.text = mark
    for note in {reference.note for reference in references}:
        note.drop_tree()


def _references(root: HtmlElement, is_heading: Callable[[HtmlElement], bool]) -> Iterator[_Reference]:
    items = {f"#{item.get('id')}": item for item in root.iter("li") if item.get("id")}
    waiting: list[tuple[HtmlElement, HtmlElement]] = []
    for element in root.iter() if items else ():
        if element.tag == "a" and (note := items.get(element.get("href") or "")) is not None:
            if len(_mark(element)) <= _LONGEST_MARK and _links_back(element, note):
                waiting.append((element, note))
        elif waiting and _begins_section(element, is_heading):
            yield from (_Reference(*pair, element) for pair in waiting)
            waiting = []
    yield from (_Reference(*pair, None) for pair in waiting)


def _mark(link: HtmlElement) -> str:
    return _AGAIN.sub("", clean(link.text_content()).strip("[]()"))


def _links_back(link: HtmlElement, note: HtmlElement) -> Sequence[HtmlElement]:
    """The links in a note to the place that refers to it."""
    names = {f"#{place.get('id')}" for place in (link, link.getparent()) if place.get("id")}
    return [back for back in note.iter("a") if back.get("href") in names]


def _begins_section(element: HtmlElement, is_heading: Callable[[HtmlElement], bool]) -> bool:
    if not isinstance(element.tag, str) or not is_heading(element) or element.xpath(_NO_SECTION):
        return False
    return not any(map(is_skipped, (element, *element.iterancestors())))


def _paragraph(note: HtmlElement, mark: str) -> HtmlElement:
    """A copy of a note as a division that begins with its mark."""
    copy = deepcopy(note)
    copy.tag, copy.tail = "div", None
    copy.attrib.clear()
    first = copy if clean(copy.text or "") or not len(copy) or copy[0].tag != "p" else copy[0]
    first.text = f"{mark} {first.text or ''}"
    return copy
