"""Words of a page that only lead through the help, or ask how it was: no part of the manual's text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

_PHRASE = re.compile(
    r"(?:(?:was|is) this (?:(?:page|content|article|topic|information|section) )?(?:helpful|useful)\W*"
    r"|did (?:this|it|we|the (?:article|page)) (?:help|(?:answer|solve) your (?:question|problem))\b.{0,20}"
    r"|did you find (?:this|it|what you).{0,40}|yes\s+no|thank(?:s| you) for your feedback"
    r"|click (?:here )?to (?:expand|collapse|show|hide)|show (?:more|less)|last updated .{1,20} ago"
    r"|(?:back|return|go) to (?:the )?(?:top|contents)|skip to .{0,20}content|print this (?:page|article)"
    r"|share this (?:page|article)|top of page"
    r"|on this page|(?:table of )?contents|previous(?: page| topic)?|next(?: page| topic)?"
    r"|related (?:topics|articles|links)|\d+ (?:out )?of \d+ (?:people )?found this (?:helpful|useful)"
    r"|have more questions\? submit a request|article id\W+\w+\W.*\b(?:updated|views)\b.*"
    r"|this document was generated (?:by|on|using) .*)\W*",
    re.IGNORECASE,
)
_WORD = r"(?:next|prev(?:ious)?|up|top|home|back|(?:table of )?contents|index)"
_WORDS = re.compile(rf"\W*{_WORD}(?:\W+{_WORD})+\W*", re.IGNORECASE)  # `Next Previous Contents`
# in front of links: `Next: `, `Up: (dir)`
_LABELS = re.compile(rf"\W*(?:(?:{_WORD}|dir)\W*)+", re.IGNORECASE)
_SIGN = re.compile(rf"\[\s*(?:<<?|>>?|\?|{_WORD})\s*\]", re.IGNORECASE)
_FEWEST_SIGNS = 3


def is_navigation(text: str) -> bool:
    """Whether a line is a phrase of a website, or nothing but the names of links to other pages."""
    return _PHRASE.fullmatch(text) is not None or _WORDS.fullmatch(text) is not None


def are_labels(text: str) -> bool:
    """Whether a text only says where the links behind it lead: `Next: `, `Previous: `, `Up: `."""
    return _LABELS.fullmatch(text) is not None


def is_bar(table: HtmlElement) -> bool:
    """Whether a table is a row of signs that lead to other pages, as texi2html writes it: `[ < ] [ Up ]`."""
    texts: Sequence[str] = [text for cell in table.iter("td") if (text := cell.text_content().strip())]
    return len(texts) >= _FEWEST_SIGNS and all(map(_SIGN.fullmatch, texts))
