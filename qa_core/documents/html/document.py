"""HTML → blocks: lists keep their nesting, tables their column names; navigation and furniture go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import lxml.html
from lxml.etree import ParserError
from lxml.html import HtmlElement

from qa_core.documents.blocks import Block, Content, Heading, Line, LineKind, typed_line, with_colon
from qa_core.documents.html.code import code_lines
from qa_core.documents.html.footnotes import place_footnotes
from qa_core.documents.html.furniture import is_skipped, tab_label
from qa_core.documents.html.headings import bold_rank, has_headings, heading_text, is_bold_title, rank_of
from qa_core.documents.html.hidden import hide_by_sheets
from qa_core.documents.html.lists import (
    has_own_words,
    is_link_list,
    label_of,
    says_its_links,
    whole_number,
)
from qa_core.documents.html.metadata import read_metadata
from qa_core.documents.html.navigation import is_bar, is_navigation
from qa_core.documents.html.notes import boxed_note, is_note_title, joined
from qa_core.documents.html.openers import Outline, opens_part
from qa_core.documents.html.steps import with_numbered_steps
from qa_core.documents.html.tables import read_table
from qa_core.documents.html.text import BLOCK_TAGS, Run, inline, text_of, tidy
from qa_core.documents.html.word import is_word_item, take_marker, word_items
from qa_core.errors import DocumentError

_TYPE_TAG = re.compile(r"</?(?:b|big|em|font|i|small|span|strong|u)\b[^<>]*>", re.IGNORECASE)
_DIVISION = re.compile(r"</?(?:center|div|p|section)\b[^<>]*>", re.IGNORECASE)
_LISTS = frozenset(["ul", "ol", "menu", "dir"])
_ENDED = re.compile(r"[.:!?](?:\s*\[\w{1,4}\])*$")  # a sentence, with the marks of its footnotes


def read_html(text: str) -> Content:
    """The content of an HTML page. Raises DocumentError if there is no page in it.

    A page that nests too deeply, as tags that are never closed make it do, is read without its tags of
    type, and with line breaks in the place of paragraphs and divisions.
    """
    try:
        return _read(text)
    except RecursionError:
        pass
    try:
        return _read(_DIVISION.sub("<br>", _TYPE_TAG.sub("", text)))
    except RecursionError as error:
        raise DocumentError("its HTML is nested too deeply; save it anew from an editor") from error


def _read(text: str) -> Content:
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8")
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser)
    except (ParserError, ValueError) as error:
        raise DocumentError("no readable HTML in it; open it in a browser to check") from error
    if any("depth" in entry.message for entry in parser.error_log):
        raise RecursionError("libxml2 has left out what is nested too deeply")
    hide_by_sheets(root)
    return Content(tuple(_Reader(root).blocks()), read_metadata(root))


class _Reader:
    """Walks the tree once; every method gives the blocks of what it is handed."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = _main_part(root)
        self.by_type = not has_headings(self.root)
        self.marked: list[HtmlElement] = []  # the first heading that the page marks as one, and the last
        self.outline = Outline()
        place_footnotes(self.root, lambda element: bool(self.rank(element)))
        self.holders = _holders_of_blocks(self.root)
        self.outer_level = 1  # of the last heading outside a table
        self.in_table = False
        self.in_head = False  # what comes next is what an item says, be it a link, an image or `Next`

    def blocks(self) -> list[Block]:
        return list(with_numbered_steps(list(self.outline.resumed(self.flow(self.root, 0)))))

    def flow(self, element: HtmlElement, level: int) -> Iterator[Block]:
        """The blocks of everything below an element that may mix text and blocks."""
        run = Run([element.text or ""])
        for child in element:
            if isinstance(child.tag, str) and self.is_block(child):
                yield from self.paragraphs(run, level)
                run = Run()
                if not is_skipped(child):
                    yield from self.block(child, level)
            elif isinstance(child.tag, str):
                inline(child, run)
            run.parts.append(child.tail or "")
        yield from self.paragraphs(run, level)

    def paragraphs(self, run: Run, level: int) -> Iterator[Line]:
        """The lines of a run, unless it is navigation or furniture."""
        if not self.in_head and (run.is_navigation or run.is_only_images):
            return
        for text in run.lines():
            if self.in_head or not is_navigation(text):
                self.in_head = False
                yield typed_line(text, level)

    def is_block(self, element: HtmlElement) -> bool:
        return element.tag in BLOCK_TAGS or element in self.holders or opens_part(element)

    def rank(self, element: HtmlElement) -> int | None:
        rank = rank_of(element)
        if rank and is_note_title(element):
            return None
        if not rank and opens_part(element):
            return self.outline.rank_of(element)
        return rank or self.bold_rank(element)

    def bold_rank(self, element: HtmlElement) -> int | None:
        """The rank of a bold line: one below that of the marked heading that it stands under, if any is."""
        if self.by_type:
            return bold_rank(element)
        is_below = bool(self.marked) and element.getprevious() is not self.marked[0]  # else a subtitle
        return (rank_of(self.marked[-1]) or 0) + 1 if is_below and is_bold_title(element) else None

    def block(self, element: HtmlElement, level: int) -> Iterator[Block]:
        tag = element.tag
        rank = self.rank(element)
        if rank:
            yield from self.heading(element, rank)
        elif tag in _LISTS:
            yield from self.items(element, level)
        elif tag == "li":
            yield from self.item(element, level)
        elif tag == "dl":
            yield from self.definitions(element, level)
        elif tag == "table":
            yield from self.table(element, level)
        elif tag in ("pre", "listing"):
            yield from code_lines(element, level)
        elif is_word_item(element):
            marker, depth = take_marker(element)
            lines = [_plain(block) for block in self.flow(element, level + depth)]
            yield from word_items(lines, marker)
        else:
            yield from _labelled(tab_label(element), level)
            yield from self.flow(element, level)
            self.outline.leave(element)

    def heading(self, element: HtmlElement, rank: int) -> Iterator[Block]:
        self.in_head = False
        text = heading_text(element)
        if not text:
            return
        if rank_of(element):
            self.marked = [*self.marked[:1], element]
        if self.in_table:  # it stands below what the table stands under, whatever its rank
            rank = max(rank, self.outer_level + 1)
        else:
            rank = max(rank, self.outline.least_rank(element))
            self.outer_level = rank
        heading = Heading(rank, text)
        self.outline.add(heading, element)
        yield heading

    def items(self, element: HtmlElement, level: int) -> Iterator[Block]:
        is_said = says_its_links(element)
        if is_link_list(element) and not is_said:
            return
        has_words = has_own_words(element)
        words = Run([element.text or ""])
        number = whole_number(element.get("start"), 1)
        for child in element:
            blocks: list[Block] = []
            if child.tag in _LISTS:  # nested without an item around it
                blocks = list(self.items(child, level + 1))
            elif has_words and isinstance(child.tag, str) and not self.is_block(child):
                inline(child, words)
            elif isinstance(child.tag, str) and not is_skipped(child):
                number = whole_number(child.get("value"), number)
                self.in_head = is_said and child.tag == "li"
                blocks = list(self.item(child, level, number if element.tag == "ol" else None))
                self.in_head = False
                number += bool(blocks) or child.tag == "li"
            if blocks:
                yield from self.paragraphs(words, level)
                words = Run()
                yield from blocks
            words.parts.append(child.tail or "")
        yield from self.paragraphs(words, level)

    def item(self, element: HtmlElement, level: int, number: int | None = None) -> Iterator[Block]:
        """An item's paragraphs are joined to one line; code and what is nested follow one level below."""
        inner = list(self.flow(element, level + 1))
        if any(isinstance(block, Heading) and block.level <= 3 for block in inner):
            yield from _outdented(inner)  # a list that only lays out a page
            return
        lines = [_plain(block) for block in inner]
        first = _first_paragraphs(lines) or [line for line in lines[:1] if line.kind == "code"]
        if first:
            kind: LineKind = "bullet" if number is None else "step"
            label = None if number is None else label_of(element, number)
            yield Line(kind, joined(first).strip(), level, number, label=label)
            yield from lines[len(first) :]
        else:
            yield from _outdented(lines)

    def definitions(self, element: HtmlElement, level: int) -> Iterator[Block]:
        """`- Term: definition` for each definition, what is nested in it below."""
        if has_own_words(element):
            yield from self.flow(element, level)
            return
        term, is_defined = "", True
        for child in element.xpath("dt|dd|div/dt|div/dd"):
            if child.tag == "dt":
                term = f"{term}, {text_of(child)}" if term and not is_defined else text_of(child)
                is_defined = False
                continue
            inner = [_plain(block) for block in self.flow(child, level + 1)]
            first = [line.text for line in _first_paragraphs(inner)]
            text = " ".join([with_colon(term), *first] if term else first)
            if text:
                yield Line("bullet", text, level)
            yield from inner[len(first) :]
            is_defined = True
        if term and not is_defined:
            yield Line("bullet", term, level)

    def table(self, element: HtmlElement, level: int) -> Iterator[Block]:
        if is_bar(element):
            return
        if note := boxed_note(element):
            yield Line("paragraph", note[0], level)
            yield from self.flow(note[1], level)
            return
        table = read_table(element)
        if table.caption:
            yield Line("paragraph", table.caption, level)
        if not table.is_layout:
            yield from (replace(line, level=level) for line in table.lines)
            return
        outside = self.in_table
        self.in_table = True
        for cell in table.cells:
            yield from self.flow(cell, level)
        self.in_table = outside


def _main_part(root: HtmlElement) -> HtmlElement:
    """`main` where the page marks it, else `body`."""
    marked = root.xpath("//main|//*[@role='main']")
    if len(marked) == 1:
        main: HtmlElement = marked[0]
        return main
    body: HtmlElement | None = root.find(".//body")
    return root if body is None else body


def _holders_of_blocks(root: HtmlElement) -> set[HtmlElement]:
    """The elements that are inline by name but have blocks in them."""
    holders: set[HtmlElement] = set()
    for element in root.iter(*BLOCK_TAGS):
        above = element.getparent()
        while above is not None and above not in holders and above.tag not in BLOCK_TAGS:
            holders.add(above)
            above = above.getparent()
    return holders


def _labelled(label: str, level: int) -> Iterator[Line]:
    if text := tidy(label):
        yield Line("paragraph", text, level)


def _first_paragraphs(lines: Sequence[Line]) -> list[Line]:
    """The paragraphs that an item begins with, without a label that belongs to what is nested below."""
    first = list(takewhile(lambda line: line.kind == "paragraph", lines))
    is_label = 1 < len(first) < len(lines) and not _ENDED.search(first[-1].text)
    return first[:-1] if is_label else first


def _plain(block: Block) -> Line:
    """A line; a small heading inside an item becomes its first words."""
    return Line("paragraph", with_colon(block.text)) if isinstance(block, Heading) else block


def _outdented(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block if isinstance(block, Heading) else replace(block, level=max(0, block.level - 1))
