"""What a manual calls its product in its first heading, where that says more than the title.

A file's title may be "Ofenta 3", and the heading that it begins with "Ofenta 3 and 3 Plus".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa_core.tokens import tokenize
from qa_core.types import Passage


def names_in_first_headings(passages: Sequence[Passage]) -> Mapping[str, frozenset[str]]:
    """The tokens of the first heading of each manual, by its id, where that has all words of its title."""
    firsts = {passage.manual.id: passage for passage in reversed(passages)}
    headings = {id_: frozenset(tokenize(each.section.heading_path[0])) for id_, each in firsts.items()}
    titles = {id_: frozenset(tokenize(each.manual.title)) for id_, each in firsts.items()}
    return {id_: names for id_, names in headings.items() if titles[id_] and titles[id_] <= names}
