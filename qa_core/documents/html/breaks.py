"""Which line breaks in HTML end a line, and which only fold a running sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_ENDS = (".", ":", "!", "?")
_BULLETS = "•●○▪■◦–-"
_CODED = re.compile(r"[A-Z]{1,3}[-. ]?\d{1,4}\s*[:=\u2013\u2014-]\s*\w")  # `E-4: door open`
_NAMED = re.compile(r"[A-Z\u00c0-\u00de][^:.;,!?]{0,30}:\s+\S")
_STEP = re.compile(r"(\d{1,3})[.)]\s+\S")
_EXPLAINED = re.compile(r"[^\s:.;,!?]+(?: [^\s:.;,!?]+){0,2} [\u2013\u2014-] \S")  # `fuse F2 - the fan`


def without_soft_breaks(texts: Sequence[str]) -> list[str]:
    """The lines of what line breaks part; between two breaks without text a paragraph ends.

    A lone break ends a line behind a sentence, and before an entry of a list.
    """
    filled = [text for text in texts if text]
    steps = _steps(filled)
    is_list = _are_explained(filled)
    lines: list[str] = []
    before = ""
    for text in texts:
        if text and (not before or is_list or text in steps or _begins(text, before, lines[-1])):
            lines.append(text)
        elif text:
            lines[-1] = f"{lines[-1]} {text}"
        before = text
    return lines


def _begins(text: str, before: str, line: str) -> bool:
    """Whether a text follows a sentence, or begins with a bullet, a code, or, like the one above, a name."""
    is_named = _NAMED.match(text) is not None and any(map(_NAMED.match, (before, line)))
    return before.endswith(_ENDS) or text[0] in _BULLETS or _CODED.match(text) is not None or is_named


def _steps(lines: Sequence[str]) -> set[str]:
    """The lines that are numbered one behind the other; a lone number is a part of a sentence."""
    numbered = [(int(found[1]), line) for line in lines if (found := _STEP.match(line))]
    pairs = [(a, b) for (n, a), (m, b) in pairwise(numbered) if m == n + 1]
    return {line for pair in pairs for line in pair}


def _are_explained(lines: Sequence[str]) -> bool:
    """Whether every line is a name and what it stands for: `fan - cools the lamp`, all in like case."""
    is_each = len(lines) > 1 and all(map(_EXPLAINED.match, lines))
    return is_each and len({line[0].isupper() for line in lines}) == 1
