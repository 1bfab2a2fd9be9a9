"""Blocks become sections: heading paths, texts and the pages they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa_core.documents.blocks import Block, Heading, Line
from qa_core.documents.contents import fold
from qa_core.types import PageStart, Section

_NO_SECTION = re.compile(
    r"(table of )?contents|index|inhalt(sverzeichnis)?|on this page|in this (section|chapter|article)"
    r"|related (articles|content|links|topics)"
)
_CONTENTS = re.compile(r"contents|inhalt")  # of the manual, or of what is delivered
_DELIVERED = re.compile(
    r"\b(?:(?:box|kit)\b|carton|deliver|karton|liefer|packag|packung|scope|suppl|verpack)", re.IGNORECASE
)


def build_sections(blocks: Sequence[Block], title: str) -> tuple[Section, ...]:
    """The sections of a manual in order, those without text included.

    The heading that names the whole manual has its own section but leads no path: a path says
    where in the manual a section stands.
    """
    title_heading = find_title(blocks, title)
    headings = [block for block in blocks if isinstance(block, Heading)]
    named = {_unnumbered(heading.text) for heading in headings}
    sections: list[Section] = []
    path: list[Heading] = []
    names: tuple[str, ...]
    for heading, lines in _runs(blocks):
        if heading is None or heading is title_heading:
            path, names = [], (heading.text if heading else title,)
        else:
            path = [*(above for above in path if above.level < heading.level), heading]
            names = tuple(above.text for above in path)
        is_furniture = heading is not None and _NO_SECTION.fullmatch(heading.text.casefold()) is not None
        is_left_out = is_furniture and all(_unnumbered(line.text) in named for line in lines)
        if heading and is_left_out and lines and _CONTENTS.fullmatch(heading.text.casefold()):
            is_delivered = any(map(_DELIVERED.search, names[:-1]))
            is_left_out = not is_delivered and _are_contents(lines, headings, heading)
        section = _section(names, heading, () if is_left_out else lines)
        if section.text or (heading and not is_furniture):
            sections.append(section)
    return tuple(_without_repeats(sections))


def _are_contents(lines: Sequence[Line], headings: Sequence[Heading], heading: Heading) -> bool:
    """Whether lines are a list of what follows, half of the headings on one level at least."""
    at = next(i for i, other in enumerate(headings) if other is heading)
    named = {_unnumbered(line.text) for line in lines}
    if named & {_unnumbered(above.text) for above in headings[:at]}:
        return False
    below = [(other.level, _unnumbered(other.text) in named) for other in headings[at + 1 :]]
    levels = {level for level, is_named in below if is_named}
    return any(
        2 * below.count((level, True)) >= sum(other == level for other, _ in below) for level in levels
    )


def _without_repeats(sections: Sequence[Section]) -> Iterator[Section]:
    """Leave out what was said before under the same headings, or under the last of them."""
    said: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for section in sections:
        path = section.heading_path
        paths = said.setdefault((path[-1], section.text), [])
        if not section.text or not any(earlier[-len(path) :] == path for earlier in paths):
            yield section
        paths.append(path)


def find_title(blocks: Sequence[Block], title: str | None) -> Heading | None:
    """The heading that names the whole manual, if there is one.

    It comes first, and either no other stands on its level or it repeats the manual's title.
    """
    headings = [block for block in blocks if isinstance(block, Heading)]
    if not headings:
        return None
    first, *others = headings
    if any(other.level < first.level for other in others):
        return None
    alone = first.level == 1 and bool(others) and all(other.level > 1 for other in others)
    named = title is not None and bool(fold(first.text)) and fold(first.text) in fold(title)
    return first if alone or named else None


def _unnumbered(text: str) -> str:
    """The words of a heading, or of its entry in the contents, without the number in front."""
    return re.sub(r"^(?:\d+ )+(?=\D)", "", fold(text))


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[Heading | None, list[Line]]]:
    """Each heading with the lines under it; the lines before the first heading come with None."""
    heading: Heading | None = None
    lines: list[Line] = []
    for block in blocks:
        if isinstance(block, Heading):
            yield heading, lines
            heading, lines = block, []
        else:
            lines.append(block)
    yield heading, lines


def _section(path: tuple[str, ...], heading: Heading | None, lines: Sequence[Line]) -> Section:
    texts: list[str] = []
    pages: list[PageStart] = []
    offset = 0
    page = None
    for line in lines:
        text = str(line)
        if line.page is not None and line.page != page:
            page = line.page
            pages.append(PageStart(offset, page))
        texts.append(text)
        offset += len(text) + 1
    if not lines and heading is not None and heading.page is not None:
        pages.append(PageStart(0, heading.page))
    return Section(path, "\n".join(texts), tuple(pages))
