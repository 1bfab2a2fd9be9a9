"""The footnotes that what is shown of a section refers to: "9 m/min*" wants "* Wet: 5 m/min." with it."""

from __future__ import annotations

import re

_MARKER = r"[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,2}[)⁾]?|\*{1,3}\)?|[†‡]|\[\d{1,2}\]"
_FOOTNOTE = re.compile(rf"^(?:- )?({_MARKER})[ \t]*(?=[^\s*]).+$", re.MULTILINE)
_POWER = r"(?<![mM])(?<!\bft)(?<!\byd)(?<!/s)"  # "mm²" has no marker
_LONGEST = 40  # words of a footnote that is shown
_MOST = 4


def footnotes_of(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Where the short lines of a section's text stand that begin with a marker which `text[start:end]` has.

    Those that lie in it are left out.
    """
    found = {note[1]: note for note in reversed(list(_FOOTNOTE.finditer(text)))}
    beyond = (note for note in found.values() if note.start() >= end or note.end() <= start)
    shown = text[start:end]
    referred = (note for note in beyond if _has(shown, note[1]) and len(note[0].split()) <= _LONGEST)
    return tuple(sorted(note.span() for note in referred))[:_MOST]


def _has(shown: str, marker: str) -> bool:
    """Whether a marker stands in a text behind a word or in a cell, and is not the end of a longer one."""
    before = r"(?<=[^\s*])" if marker[0] in "*†‡" else _POWER
    return re.search(rf"{before}(?<![¹²³⁴-⁹⁰*]){re.escape(marker)}(?![\w*)⁾¹²³⁴-⁹⁰])", shown) is not None
