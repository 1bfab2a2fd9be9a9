"""What a printed text repeats on its pages, which form feeds part: headers, footers, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_FORM_FEED = "\f"
_MIN_PAGES = 3
_MIN_SHARE = 0.5


def without_page_edges(text: str) -> str:
    """The text with an empty line for each form feed, without the lines around it that repeat."""
    pages = [page.split("\n") for page in text.split(_FORM_FEED)]
    counts = Counter(key for page in pages for key in {_folded(page[i]) for i in _edges(page)})
    least = max(_MIN_PAGES, _MIN_SHARE * len(pages))
    kept = []
    for page in pages:
        dropped = {i for i in _edges(page) if counts[_folded(page[i])] >= least}
        kept.append("\n".join(line for i, line in enumerate(page) if i not in dropped))
    return "\n\n".join(kept)


def _edges(page: Sequence[str]) -> set[int]:
    """The first and the last line that is not empty."""
    filled = [i for i, line in enumerate(page) if line.strip()]
    return {filled[0], filled[-1]} if filled else set()


def _folded(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()).casefold())
