"""Whether a passage has the very code that a question asks about, and the question asks nothing else.

"E20 on the Volumat" is answered by the row `Code: E20 | Meaning: …`, although three words are hardly like the
text of a table, and similarity of meaning, on which confidence rests, says little. Of 970 questions on the
manuals of 25 products 32 ask so. All are answered by the passage that has the row; seven had been declined.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa_core.ranking import words_of
from qa_core.tokens import tokenize
from qa_core.types import Passage

# "E-04", "SW5", "HA"; a bare number where it stands behind a word for faults.
_CODE = re.compile(r"(?<![^\W_])(?:[A-Z]{1,3}(?: ?[-_]? ?)\d{1,4}[A-Z]?|[A-Z]{2})(?![^\W_])")
_NUMBER = re.compile(
    r"(?:error|fault|code|message|alarm|warning|failure)s?:? #?(\d{1,4})(?![^\W_])", re.IGNORECASE
)
_KEY = re.compile(r"(?:[^:|\n]{1,30}: )?([^|:\n]{1,40}?)(?= \||:)")  # of a row or a list's entry
_ASKING = frozenset(
    token
    for word in """
    error code fault message alarm warning failure display displays shows show showing says say mean means
    meaning appear appears appearing parameter menu setting light lamp screen panel number comes come up on
    now machine unit device reads read blinks flashes sees see keeps keep customer ok out off
    """.split()  # noqa: SIM905 - a list of quoted words is no better to read
    for token in tokenize(word)
)


def asks_for_its_row(question: str, passage: Passage) -> bool:
    """Whether each code of a question leads a row of the passage, which has all else that it asks, too."""
    written = (*_CODE.findall(question), *_NUMBER.findall(question))
    if not written:  # as in most questions: nothing of the passage is looked at
        return False
    words = words_of(passage)
    codes = [code for code in written if not _tokens(code) <= words.manual]
    if not codes or not _keys(passage.text).issuperset(map(_folded, codes)):
        return False
    rest = _tokens(question) - words.manual - _ASKING - _tokens(" ".join(codes))
    return rest <= words.own


@lru_cache(maxsize=500)
def _keys(text: str) -> frozenset[str]:
    """What leads the rows and entries of a passage, folded; of "E21, E22" each."""
    keys = [found[1] for line in text.split("\n") if (found := _KEY.match(line.lstrip("- ")))]
    return frozenset(_folded(part) for key in keys for part in re.split(r"[,/;&]| and | or ", key))


def _folded(code: str) -> str:
    """A code without what stands between letters and number, and without zeros in front of the number."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]", "", code)).casefold()


def _tokens(text: str) -> frozenset[str]:
    return frozenset(tokenize(text))
