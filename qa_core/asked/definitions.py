"""Whether a question asks what something is, and a passage has it as its heading or as an entry.

"What is backlash?" is answered by the section "Backlash", and the row `Term: BL | Notes: …` tells what BL is
short for, although one word is hardly like the text of either.
"""

from __future__ import annotations

import re

from qa_core.asked.row_keys import entries_of
from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Passage

_WHAT_IS = re.compile(
    r"(?:what(?:['’]?s| is| are| does| do)|define|(?:the )?(?:meaning|definition) of)"
    r" (?:(?:the )?(?:meaning|definition) of )?(?:an? |the )?(.+?)"
    r"(?: mean| stand for| short for| refer to)?[ ?.!]*",
    re.IGNORECASE,
)
_STANDS_FOR = re.compile(  # "SBR stands for?", "SBR meaning"
    r"(?:an? |the )?(.+?) (?:meaning|(?:means|stands for|is short for)(?: what)?)[ ?.!]*", re.IGNORECASE
)
_LONGEST = 3  # words of what is defined


def asks_for_its_definition(question: str, passage: Passage) -> bool:
    """Whether all that a question asks about is the heading of the passage's section, or leads an entry."""
    asked = _WHAT_IS.fullmatch(question) or _STANDS_FOR.fullmatch(question)
    if asked is None:
        return False
    words, wanted = words_of(passage), frozenset(tokenize(asked[1]))
    wanted = wanted - words.manual or wanted
    if not 0 < len(wanted) <= _LONGEST:
        return False
    own = frozenset(passage.section.heading_path[-1:])
    heads = own - {passage.manual.title} | entries_of(passage.text)
    return any(wanted == frozenset(tokenize(head)) for head in heads)
