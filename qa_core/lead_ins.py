"""Sections that only lead to others: "Where options can be one of:", "Or a variation like…", "Next Previous".

Their heading may be the very question, and then all but the text speaks for them. Title pages ("Installation
manual for models GS 610 and GS 630") have the words of many questions, and answer none.
"""

from __future__ import annotations

import re

from qa_core.tokens import tokenize
from qa_core.types import Passage, Section
from qa_core.units import split_units

_MOST_WORDS = 15  # of a lead-in: a longer sentence says something, however it ends
_MOST_TITLE_WORDS = 40  # of a title page
_DOCUMENTS = frozenset(tokenize("model version edition revision manual guide handbook instructions"))
_SAYS_SOMETHING = re.compile(r"[.!?]$| \| |^\s*(?:- |\d+[.)] )|\w: ")  # a sentence, a row, a point or a field
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


def is_title_page(passage: Passage) -> bool:
    """Whether a passage only says what its manual is called, and for which models it is.

    It stands under a heading that has a word of what the manual is called, and so do its own lines, or a name
    of such documents: none of them is a sentence, a row, a point or a field.
    """
    text, path = passage.section.text, passage.section.heading_path
    if len(path) > 1 or len(text.split()) > _MOST_TITLE_WORDS:
        return False
    called = frozenset(tokenize(f"{passage.manual.title} {passage.manual.product}"))
    if called.isdisjoint(tokenize(path[0])) or (called | _DOCUMENTS).isdisjoint(tokenize(text)):
        return False
    return not any(_SAYS_SOMETHING.search(line) for line in text.splitlines())


def asks_what_manual_is_for(question: str) -> bool:
    """Whether a question may be one that a title page answers."""
    return not _DOCUMENTS.isdisjoint(tokenize(question))
