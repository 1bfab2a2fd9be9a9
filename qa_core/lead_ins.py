"""Sections that only lead to others: "Where options can be one of:", "Or a variation like…", "Next Previous".

Their heading may be the very question, and then all but the text speaks for them.
"""

from __future__ import annotations

import re

from qa_core.types import Section
from qa_core.units import split_units

_MOST_WORDS = 15  # of a lead-in: a longer sentence says something, however it ends
_NAVIGATION = frozenset({"back", "contents", "home", "index", "next", "prev", "previous", "to", "top", "up"})


def only_leads_in(section: Section) -> bool:
    """Whether a section says nothing but that something follows: one open sentence, or links alone."""
    text = section.text.strip()
    if not text or "\n" in text:  # of most sections nothing more is looked at
        return False
    words = text.split()
    if len(words) > _MOST_WORDS:
        return False
    if len(words) > 1 and _NAVIGATION.issuperset(re.findall(r"[^\W_]+", text.lower())):
        return True
    return text.endswith((":", "…", "...")) and len(split_units(text)) == 1
