"""What a printed text repeats on its pages: headers, footers, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from qa_core.documents.text.lists import begins_item
from qa_core.documents.text.pages import FORM_FEED, fold_numbers, with_form_feeds

_PAGE_NUMBER = re.compile(
    r"\s*(?:-{1,2}\s?([0-9]{1,4})\s?-{1,2}|page\s([0-9]{1,4})\s(?:of|/)\s[0-9]{1,4})\s*", re.IGNORECASE
)
_MAN_NAME = r"\S+\(\d\w*\)"  # of a man page and its section: `tar(1)`
_MAN_HEADER = re.compile(rf"({_MAN_NAME})\s{{2,}}(?:\S.*?\s{{2,}})?\1\s*", re.IGNORECASE)
_MIN_PAGES = 3
_MIN_NUMBERED = 2  # where page numbers have told the pages apart
_MIN_SHARE = 0.5


def without_page_edges(text: str) -> str:
    """The text without the lines around the ends of its pages that repeat.

    Form feeds part the pages, or their numbers at one distance. An empty line is left in their place, unless
    a sentence goes on.
    """
    fewest = _MIN_PAGES if FORM_FEED in text else _MIN_NUMBERED
    if FORM_FEED not in text:
        text = "\n".join(with_form_feeds(text.split("\n")))
    pages = [page.split("\n") for page in text.split(FORM_FEED)]
    counts = Counter(key for page in pages for key in {fold_numbers(page[i]) for i in _edges(page)})
    least = max(fewest, _MIN_SHARE * len(pages))
    kept: list[str] = []
    for page in pages:
        dropped = {i for i in _edges(page) if counts[fold_numbers(page[i])] >= least}
        _add_page(kept, [line for i, line in enumerate(page) if i not in dropped])
    return "\n".join(_without_page_numbers(_without_man_edges(kept)))


def _add_page(lines: list[str], page: list[str]) -> None:
    """Add a page to the lines above it, with an empty line between unless it goes on with a sentence."""
    above = next((line.strip() for line in reversed(lines) if line.strip()), "")
    first = next((i for i, line in enumerate(page) if line.strip()), len(page))
    if _goes_on(above, "".join(page[first : first + 1])):
        while not lines[-1].strip():
            lines.pop()
        lines += page[first:]
    else:
        lines += [*([""] if lines else []), *page]


def _goes_on(above: str, below: str) -> bool:
    is_open = above[-1:].isalnum() or above.endswith((",", "-"))
    return is_open and below.strip()[:1].islower() and not begins_item(below)


def _without_man_edges(lines: Sequence[str]) -> list[str]:
    """The lines without the header of a man page, `TAR(1)  User Commands  TAR(1)`, and its footer.

    The footer is a last line that begins or ends with the page's name, or is its header again.
    """
    filled = [at for at, line in enumerate(lines) if line.strip()]
    header = _MAN_HEADER.fullmatch(lines[filled[0]].strip()) if filled else None
    if header is None:
        return list(lines)
    last = re.split(r"\s{2,}", lines[filled[-1]].strip())
    is_footer = len(last) > 1 and header[1].casefold() in (last[0].casefold(), last[-1].casefold())
    dropped = {filled[0], filled[-1]} if is_footer else {filled[0]}
    return [line for at, line in enumerate(lines) if at not in dropped]


def _without_page_numbers(lines: Sequence[str]) -> list[str]:
    """The lines without those that stand alone and count the pages up, as `- 3 -` and `Page 4 of 6` do."""
    found = {at: number for at in range(len(lines)) if (number := _page_number(lines, at)) is not None}
    numbers = list(found.values())
    are_pages = len(numbers) > 1 and all(a < b for a, b in pairwise(numbers))
    return [line for at, line in enumerate(lines) if not are_pages or at not in found]


def _page_number(lines: Sequence[str], at: int) -> int | None:
    parts = _PAGE_NUMBER.fullmatch(lines[at])
    is_alone = not "".join([*lines[max(at - 1, 0) : at], *lines[at + 1 : at + 2]]).strip()
    return int(parts[1] or parts[2]) if parts and is_alone else None


def _edges(page: Sequence[str]) -> set[int]:
    """The first and the last line that is not empty."""
    filled = [i for i, line in enumerate(page) if line.strip()]
    return {filled[0], filled[-1]} if filled else set()
