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
_MOST_OF_SENTENCES = 25  # of one in sentences: "Operating manual. Translation of the original."
_DOCUMENTS = frozenset(tokenize("manual guide handbook instructions directions edition translation contents"))
_ASKED_OF_TITLES = _DOCUMENTS.union(tokenize("model version revision"))
_SENTENCE = re.compile(r"[.!?]\s*$", re.MULTILINE)
_SAYS_SOMETHING = re.compile(r" \| |^\s*(?:- |\d+[.)] )|\w: ", re.MULTILINE)  # a row, a point or a field
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

    It stands under a heading that begins as the manual's or product's name does. Its own lines have a word of
    these, or name a kind of document, without a row, a point or a field; in whole sentences they are few.
    """
    text, path = passage.section.text, passage.section.heading_path
    n_words = len(text.split())
    if len(path) > 1 or n_words > _MOST_TITLE_WORDS or _SAYS_SOMETHING.search(text):
        return False
    title, product, heading = map(tokenize, (passage.manual.title, passage.manual.product, path[0]))
    own = frozenset(tokenize(text))
    if not heading or heading[0] not in (*title[:1], *product[:1]):
        return False
    if own.isdisjoint(_ASKED_OF_TITLES.union(title, product)):
        return False
    return not _SENTENCE.search(text) or (n_words <= _MOST_OF_SENTENCES and not _DOCUMENTS.isdisjoint(own))


def asks_what_manual_is_for(question: str) -> bool:
    """Whether a question may be one that a title page answers."""
    return not _ASKED_OF_TITLES.isdisjoint(tokenize(question))
