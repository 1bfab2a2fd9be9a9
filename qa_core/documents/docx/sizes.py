"""Which paragraphs of a Word file are set larger than its text: headings, where no style says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from qa_core.documents.docx.xml import Element, W, by_style, outside_boxes, text_of, value_of

_LARGER = 1.12  # than the text: a heading
_USUAL = 20  # half points, where nothing says how large type is
_ENDS = (".", ",", ";", "!")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large type is, in half points: by style, and where no style says so."""

    by_style: Mapping[str, int]
    usual: int

    def of(self, paragraph: Element) -> Counter[int]:
        """How many letters of a paragraph there are of each size."""
        style = self.by_style.get(value_of(paragraph, "pPr/pStyle") or "", self.usual)
        counts: Counter[int] = Counter()
        for run in outside_boxes(paragraph, "r"):
            text = "".join(part.text or "" for part in run.iterfind(f"{W}t"))
            own = _size(run) or self.by_style.get(value_of(run, "rPr/rStyle") or "", style)
            counts[own] += len(text.strip())
        return +counts


def read_sizes(styles: Element) -> Sizes:
    """The sizes that a file's styles give."""
    default = styles.find(f"{W}style[@{W}default='1'][@{W}type='paragraph']")
    said = by_style(styles, _size)
    named = "" if default is None else default.get(f"{W}styleId", "")
    general = styles.find(f"{W}docDefaults/{W}rPrDefault")
    return Sizes(said, said.get(named) or (None if general is None else _size(general)) or _USUAL)


def levels_by_size(paragraphs: Sequence[Element], sizes: Sizes) -> dict[int, int]:
    """The level of each paragraph, by its position, that is in larger type alone; 0 that of the largest.

    Of those that the file begins with, the first names it and the last heads the text: between are subtitles.
    """
    counts = [sizes.of(paragraph) for paragraph in paragraphs]
    body = max(sum(counts, Counter()).items(), key=lambda item: item[1], default=(_USUAL, 0))[0]
    found = {
        at: next(iter(count))
        for at, count in enumerate(counts)
        if len(count) == 1 and min(count) >= _LARGER * body and not _is_sentence(paragraphs[at])
    }
    leading = takewhile(found.__contains__, (at for at, count in enumerate(counts) if count))
    for at in list(leading)[1:-1]:
        del found[at]
    order = sorted(set(found.values()), reverse=True)
    return {at: order.index(size) for at, size in found.items()}


def _size(element: Element) -> int | None:
    size = value_of(element, "rPr/sz")
    return int(size) if size and size.isdecimal() else None


def _is_sentence(paragraph: Element) -> bool:
    text = text_of(paragraph)
    return text.endswith(_ENDS) or sum(map(str.isalpha, text)) < 2
