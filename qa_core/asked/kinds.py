"""Whether a passage has what a question asks for by its kind: a price, or the number to order something by.

Of some 1,600 questions on the manuals of 46 products 35 ask for one of these. The 17 whose passage has none
are unanswerable, and six of them had been answered.
"""

from __future__ import annotations

import re

# What asks for a kind, and what a passage with it has.
_KINDS = tuple(
    (re.compile(rf"\b(?:{said})\b", re.IGNORECASE), re.compile(told))
    for said, told in (
        (
            r"prices?|costs?|expensive|fees?",
            r"[€$£¥]|\b(?:EUR|USD|GBP|CHF)\b|(?i:\b(?:euros?|dollars?|cents?|prices?|costs?|paid|pay|fees?)\b)"
            r"|(?i:free of charge)",
        ),
        (
            r"(?:article|catalogue|item|order(?:ing)?|parts?|reference)[ -](?:code|no|nr|number)s?",
            r"(?i:\b(?:article|catalogue|item|no|order|part|ref|reference)\b)"
            r"|(?<![\w-])(?=[A-Z\d-]*\d)(?=[A-Z\d-]*[A-Z])[A-Z\d]+(?:-[A-Z\d]+)+(?![\w-])|\b\d{5,}\b",
        ),
    )
)


def lacks_asked_kind(question: str, text: str) -> bool:
    """Whether a question asks for a price or an order number, and the text has none."""
    return any(said.search(question) and not told.search(text) for said, told in _KINDS)
