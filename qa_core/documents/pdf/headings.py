"""Which lines of a PDF are headings: those in its outline, and those whose type says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qa_core.documents.blocks import REMARK
from qa_core.documents.contents import fold
from qa_core.documents.pdf.lines import AS_LARGE, LARGER, TextLine, body_size

_LONGEST = 120
_LONGEST_BOLD = 80
_MOST_LINES = 3  # of one heading
_NEXT_LINE = 1.5  # of the type size: no farther stand two lines of one title
_APART = 1.8  # of the type size, from one line to the next
_NO_HEADING = re.compile(
    rf"{REMARK}"
    r"|(?:fig(?:ure)?|table|abb|tab)\.?\s*\d.*|\W*\w?\W*",
    re.IGNORECASE,
)
_UNIT = r"(?:[kMG]?Hz|[MGT]B|Wh|[AVW])\b"  # that begins with a capital
_SECTION = re.compile(
    rf"\d{{1,2}}(?:\.\d{{1,2}}){{1,4}}\.?\s+(?!{_UNIT})[A-ZÀ-Þ].*"
)  # `13.8 The key is stuck.`
_COUNTED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,4}\.?\s+\S.*")
_CHAPTER = re.compile(r"(\d{1,2})[.)]\s+\S")
_CONTENTS = re.compile(r"(?:table of )?contents|inhalt(?:sverzeichnis)?")
# in front of a folded title, where an outline may not have it
_NUMBER = re.compile(r"(?:(?:chapter|appendix|kapitel|anhang) )?(?:[a-z] )?(?:\d+ )*")
_MARKED = re.compile(r"[•●○▪■◦‣·–—-]\s|\d{1,3}[.)]\s")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an outline; level 1 is the outermost, pages count from 1."""

    level: int
    title: str
    page: int


Style = tuple[float, bool]  # size, bold


def without_contents_entries(outline: Sequence[Entry]) -> list[Entry]:
    """The outline, without what is listed below the table of contents for its own pages.

    What is below it for later pages is the manual, and moves up.
    """
    kept: list[Entry] = []
    contents: Entry | None = None
    for entry in outline:
        if contents and entry.level <= contents.level:
            contents = None
        if contents is None:
            kept.append(entry)
            contents = entry if _CONTENTS.fullmatch(fold(entry.title)) else None
        elif entry.page > contents.page:
            kept.append(replace(entry, level=entry.level - 1))
    return kept


def find_headings(lines: Sequence[TextLine], outline: Sequence[Entry]) -> dict[int, int]:
    """The level of each line that is (a part of) a heading, by the line's position."""
    levels = _from_outline(lines, outline)
    body = body_size((line.size, line.text) for line in lines)
    found = [i for i in range(len(lines)) if i not in levels and _looks_like_one(lines, i, body)]
    subtitles = _subtitles(lines, found, levels)
    candidates = [i for i in found if i not in subtitles]
    known = {_style(lines[i]): level for i, level in sorted(levels.items(), reverse=True)}
    by_type = _levels_by_type({_style(lines[i]) for i in candidates}, known)
    return levels | {i: by_type[_style(lines[i])] for i in candidates}


def _subtitles(lines: Sequence[TextLine], found: Sequence[int], known: Iterable[int]) -> set[int]:
    """What stands below the title of a cover in type that no later heading has: it heads nothing.

    A cover is a first page half of whose lines at least are in larger type or bold. Of the table of contents
    on it no line is left but its title.
    """
    on_cover = [i for i in found if lines[i].page == lines[0].page]
    n_lines = sum(1 for line in lines if line.page == lines[0].page)
    if not on_cover or 2 * len(on_cover) < n_lines:
        return set()
    later = [i for i in (*found, *known) if lines[i].page != lines[0].page]
    if not later:  # all is on one page, and its tables count for no lines
        return set()
    used = {_style(lines[i]) for i in (on_cover[0], *later)}
    titles = {i for i in on_cover if _CONTENTS.fullmatch(fold(lines[i].text))}
    return {i for i in on_cover if _style(lines[i]) not in used} - titles


def _from_outline(lines: Sequence[TextLine], outline: Sequence[Entry]) -> dict[int, int]:
    """The lines that say what the outline says, on the page that it says."""
    folded = [fold(line.text) for line in lines]
    on_page: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        on_page.setdefault(line.page, []).append(i)
    levels: dict[int, int] = {}
    for entry in outline:
        free = [i for i in on_page.get(entry.page, []) if i not in levels]
        found = [run for i in free if (run := _run(folded, i, fold(entry.title)))]
        if found:
            best = max(found, key=lambda run: lines[run[0]].size)
            levels |= dict.fromkeys(best, entry.level)
    return levels


def _run(folded: Sequence[str], first: int, title: str) -> list[int]:
    """The positions from `first` on whose texts make up a title, or none."""
    text = ""
    for i in range(first, min(first + _MOST_LINES, len(folded))):
        text = f"{text} {folded[i]}".strip()
        said = (text, _NUMBER.sub("", text, count=1))
        told = next((each for each in said if each and title.startswith(each)), "")
        if not told:
            return []
        if told == title:
            return list(range(first, i + 1))
    return []


def _style(line: TextLine) -> Style:
    return round(line.size * 2) / 2, line.is_bold


def _looks_like_one(lines: Sequence[TextLine], i: int, body: float) -> bool:
    line = lines[i]
    if not _is_title(line) and not _ends_section_title(lines, i):
        return False
    if line.size >= body * LARGER:
        return True
    if _is_bold_title(line, body) and (_stands_alone(lines, i, i) or _is_wrapped(lines, i, body)):
        return True
    return _is_bold(line, body) and _is_chapter(lines, i)


def _is_title(line: TextLine) -> bool:
    text = line.text
    return (
        len(text) <= _LONGEST and not text.endswith((".", ",", ";")) and _NO_HEADING.fullmatch(text) is None
    )


def _ends_section_title(lines: Sequence[TextLine], i: int) -> bool:
    """Whether the title of a numbered section ends here that is a sentence, with its text below.

    Numbered sentences below each other are steps rather.
    """
    first = i
    while first and i - first < _MOST_LINES - 1 and _is_wrap(lines[first - 1], lines[first]):
        first -= 1
    is_counted = (_SECTION if first == i else _COUNTED).fullmatch(lines[first].text) is not None
    has_text = i + 1 < len(lines) and _style(lines[i + 1]) != _style(lines[i])
    is_title = all(map(_is_title, lines[first:i])) and len(lines[i].text) <= _LONGEST
    return lines[i].text.endswith(".") and is_counted and has_text and is_title


def _is_wrap(above: TextLine, below: TextLine) -> bool:
    """Whether a line in the same type goes on with a full one."""
    is_near = above.page == below.page and 0 < above.y - below.y < _NEXT_LINE * above.size
    return is_near and above.is_full and _style(above) == _style(below)


def _is_bold_title(line: TextLine, body: float) -> bool:
    return _is_bold(line, body) and not _MARKED.match(line.text) and len(line.parts()) == 1


def _is_bold(line: TextLine, body: float) -> bool:
    is_short = len(line.text) <= _LONGEST_BOLD and not line.text.endswith(":")
    return line.is_bold and line.size >= body * AS_LARGE and is_short


def _is_chapter(lines: Sequence[TextLine], i: int) -> bool:
    """Whether a line as `2. Care` stands right above its first section, not above a list of them."""
    counted = _CHAPTER.match(lines[i].text)
    if counted is None or i + 1 == len(lines) or not lines[i + 1].is_bold:
        return False
    first, *below = lines[i + 1 : i + 3]
    is_listed = any(_is_near(first, line) and _counts(line.text, f"{counted[1]}.2") for line in below)
    return _counts(first.text, f"{counted[1]}.1") and not is_listed


def _is_near(above: TextLine, below: TextLine) -> bool:
    return above.page == below.page and 0 < above.y - below.y < _APART * above.size


def _counts(text: str, number: str) -> bool:
    return re.match(rf"{re.escape(number)}\.?\s", text) is not None


def _is_wrapped(lines: Sequence[TextLine], i: int, body: float) -> bool:
    """Whether a bold line is one of the two that stand alone as one title, the first being full."""
    for first, second in ((i - 1, i), (i, i + 1)):
        if first < 0 or second == len(lines):
            continue
        above, below = lines[first], lines[second]
        is_ended = _is_title(below) or _ends_section_title(lines, second)
        are_titles = _is_title(above) and is_ended and all(_is_bold_title(x, body) for x in (above, below))
        if _is_wrap(above, below) and are_titles and _stands_alone(lines, first, second):
            return True
    return False


def _stands_alone(lines: Sequence[TextLine], first: int, last: int) -> bool:
    """Whether bold lines are no part of a paragraph: more space above them than below."""
    line, end = lines[first], lines[last]
    above = lines[first - 1] if first and lines[first - 1].page == line.page else None
    below = lines[last + 1] if last + 1 < len(lines) and lines[last + 1].page == line.page else None
    space_above = above.y - line.y if above and above.y > line.y else 10 * line.size
    if below is None:  # a table may follow, on this page or the next
        return space_above > _APART * line.size
    if below.is_bold and end.y - below.y < _APART * line.size:
        return False
    return space_above > 1.2 * max(end.y - below.y, 0) or space_above > _APART * line.size


def _levels_by_type(styles: set[Style], known: dict[Style, int]) -> dict[Style, int]:
    """The level of each style: as in the outline, else one below the next larger."""
    levels = dict(known)
    for style in sorted(styles | set(known), reverse=True):
        larger = [level for other, level in levels.items() if other > style]
        levels.setdefault(style, max(larger, default=0) + 1)
    return levels
