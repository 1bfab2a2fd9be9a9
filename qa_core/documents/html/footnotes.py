"""Footnotes, which a page collects at its end → the end of each section that refers to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml.html import HtmlElement

from qa_core.documents.blocks import clean
from qa_core.documents.html.furniture import is_skipped

_LONGEST_MARK = 4  # letters; what is longer is a link to a part of the page
_NOTES = frozenset(["li", "aside", "div", "p"])  # what holds a note
_NOTE_ID = re.compile(r"(?:ftn|edn|sdfootnote|sdendnote)\d+", re.IGNORECASE)
_AGAIN = re.compile(r"(?<=\d):\d+$")  # the second reference to a note in Markdown: `[1:1]`
_NAMED = re.compile(r"footnote|noteref|_ftnref|_ednref", re.IGNORECASE)
_BEHIND_MARK = re.compile(r"\s*(?:\[\]|\(\)|[:)\]]|\.(?=\s))*\s*")
_LABELS = ".//span[@class='label' or @class='backrefs']"
_BACK = "[.//a[starts-with(@href, '#')]]"
_DEFINED = "dt[@id][following-sibling::*[1][self::dd]]"
_TERMS = f"//dl[contains(@class, 'footnote')][dt][count(dt)=count({_DEFINED}{_BACK})]"
_TABLES = f"//table[@id][contains(@class, 'footnote')][count(.//td)=2]{_BACK}"
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
    """Move notes that link back to where they are referred to from, once for each section.

    They become paragraphs that begin with their marks: `[1] Six months.`
    """
    _unfold(root)
    references = _references(root, is_heading)
    marks = {reference.link: reference.mark for reference in references}
    led = {found.note for found in references if _is_led(found.note, _links_back(found.link, found.note))}
    for back in {back for found in references for back in _links_back(found.link, found.note)}:
        back.drop_tree()
    placed = {(reference.end, reference.note): reference for reference in references}
    for (end, note), reference in placed.items():
        _place_before(note, end, root).addprevious(_paragraph(note, reference.mark, is_led=note in led))
    for link, mark in marks.items():
        for child in list(link):
            link.remove(child)
        link.text = mark[1:-1] if _is_in_brackets(link) else mark
    for note in {reference.note for reference in references}:
        note.drop_tree()


def _place_before(note: HtmlElement, end: HtmlElement | None, root: HtmlElement) -> HtmlElement:
    """What a note comes before: the next heading, or else its list, where that lies in the page's text."""
    if end is not None:
        return end
    above = note.getparent()
    return note if above is root else above


def _references(root: HtmlElement, is_heading: Callable[[HtmlElement], bool]) -> list[_Reference]:
    found = list(_linked(root, is_heading))
    notes = {reference.note for reference in found}
    return [reference for reference in found if notes.isdisjoint(reference.link.iterancestors())]


def _linked(root: HtmlElement, is_heading: Callable[[HtmlElement], bool]) -> Iterator[_Reference]:
    notes = _notes(root)
    waiting: list[tuple[HtmlElement, HtmlElement]] = []
    passed: set[HtmlElement] = set()  # what refers to them from below are their links back
    for element in root.iter() if notes else ():
        passed.add(element)
        if element.tag == "a" and (note := notes.get(element.get("href") or "")) is not None:
            if note not in passed and _refers(element, note) and not _is_in_heading(element, is_heading):
                waiting.append((element, note))
        elif waiting and _begins_section(element, is_heading):
            yield from (_Reference(*pair, element) for pair in waiting)
            waiting = []
    yield from (_Reference(*pair, None) for pair in waiting)


def _notes(root: HtmlElement) -> dict[str, HtmlElement]:
    """What may be a note, by the link that leads to it: an element with an id, or around a named anchor."""
    notes: dict[str, HtmlElement] = {}
    for place in root.iter(*_NOTES, "a"):
        name = place.get("id") or (place.get("name") if place.tag == "a" else None)
        note = place if place.tag in _NOTES else next(place.iterancestors(*_NOTES), None)
        if name and note is not None and (place is note or not _holds_blocks(note)):
            above = note.getparent()
            is_whole = above is None or not _NOTE_ID.fullmatch(above.get("id") or "")
            notes[f"#{name}"] = note if is_whole else above
    linked = {link.get("href") for link in root.iter("a")}
    return {name: note for name, note in notes.items() if _is_one_note(note, linked)}


def _holds_blocks(element: HtmlElement) -> bool:
    """Whether it is a division around paragraphs, of which an anchor may begin only one."""
    return element.tag == "div" and element.find("p") is not None


def _is_one_note(note: HtmlElement, linked: Collection[str | None]) -> bool:
    """Whether it is an item of a list, or has no heading in it and no second anchor of a note."""
    if note.tag == "li":
        return True
    n_marks = sum(_is_anchor(place, linked) for place in note.iter("a"))
    return n_marks <= 1 and not note.xpath("boolean(.//h1|.//h2|.//h3|.//h4|.//h5|.//h6)")


def _is_anchor(place: HtmlElement, linked: Collection[str | None]) -> bool:
    """Whether a note may begin at an `a`, which is linked to or links back."""
    name = place.get("id") or place.get("name")
    return name is not None and (f"#{name}" in linked or (place.get("href") or "").startswith("#"))


def _refers(link: HtmlElement, note: HtmlElement) -> bool:
    """Whether a link is a footnote's mark: short, raised or called one, and linked back to.

    A step that links to another one of its list is no footnote.
    """
    names = " ".join(link.get(name) or "" for name in ("class", "role", "name"))
    is_marked = bool(_NAMED.search(names) or link.xpath("boolean(ancestor::sup|.//sup)"))
    is_elsewhere = note.getparent() not in link.iterancestors("ol", "ul")
    return is_marked and is_elsewhere and len(_mark(link)) <= _LONGEST_MARK and bool(_links_back(link, note))


def _is_in_heading(link: HtmlElement, is_heading: Callable[[HtmlElement], bool]) -> bool:
    return any(map(is_heading, link.iterancestors()))


def _mark(link: HtmlElement) -> str:
    return _AGAIN.sub("", clean(link.text_content()).strip("[]()"))


def _links_back(link: HtmlElement, note: HtmlElement) -> Sequence[HtmlElement]:
    """The links in a note to the place that refers to it."""
    around = link.getparent()
    places = (link, around) if around is not None and around.tag in ("sup", "span") else (link,)
    names = {f"#{name}" for place in places for name in (place.get("id"), place.get("name")) if name}
    return [back for back in note.iter("a") if back.get("href") in names]


def _begins_section(element: HtmlElement, is_heading: Callable[[HtmlElement], bool]) -> bool:
    if not isinstance(element.tag, str) or not is_heading(element) or element.xpath(_NO_SECTION):
        return False
    return not any(map(is_skipped, (element, *element.iterancestors())))


def _is_led(note: HtmlElement, links_back: Sequence[HtmlElement]) -> bool:
    """Whether the first text in a note is its own mark, which links back."""
    texts = (text for text in note.xpath(".//text()[normalize-space()]") if text.strip() not in ("[", "("))
    first = next(texts, None)
    if first is None or not first.is_text:
        return False
    return any(back in _up(first.getparent()) for back in links_back)


def _up(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from element.iterancestors()


def _paragraph(note: HtmlElement, mark: str, *, is_led: bool) -> HtmlElement:
    """A copy of a note as a division that begins with its mark; `is_led` if its own one was taken out."""
    copy = deepcopy(note)
    copy.tag, copy.tail = "div", None
    copy.attrib.clear()
    labels = copy.xpath(_LABELS)
    for label in labels:
        label.drop_tree()
    if is_led or labels:
        _strip_behind_mark(copy)
    first = copy if clean(copy.text or "") or not len(copy) or copy[0].tag != "p" else copy[0]
    first.text = f"{mark} {first.text or ''}"
    return copy


def _strip_behind_mark(note: HtmlElement) -> None:
    for text in note.xpath(".//text()[normalize-space()]")[:1]:
        stripped = _BEHIND_MARK.sub("", text, count=1)
        if text.is_tail:
            text.getparent().tail = stripped
        else:
            text.getparent().text = stripped


def _is_in_brackets(link: HtmlElement) -> bool:
    """Whether the page has brackets around a mark of its own: `[<a>1</a>]`."""
    before = link.getprevious()
    text = (link.getparent().text if before is None else before.tail) or ""
    return text.rstrip().endswith("[") and (link.tail or "").lstrip().startswith("]")


def _unfold(root: HtmlElement) -> None:
    """Make divisions of the notes that docutils writes as terms, or as tables of one row."""
    for terms in root.xpath(_TERMS):
        terms.tag = "div"
        for term in terms.findall("dt"):
            note, text = term.makeelement("div", id=term.get("id")), term.getnext()
            term.tag, text.tag, note.tail = "span", "div", text.tail
            term.set("class", "label")
            term.getparent().replace(term, note)
            note.extend([term, text])
            term.tail = " "
            text.drop_tag()
    for table in root.xpath(_TABLES):
        cells = table.xpath(".//td")
        note = table.makeelement("div", id=table.get("id"))
        note.tail = table.tail
        cells[0].tag, cells[1].tag = "span", "div"
        table.getparent().replace(table, note)
        note.extend(cells)
        cells[0].tail = " "
        cells[1].drop_tag()
