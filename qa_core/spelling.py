"""A question in the manuals' words: shorthand is written out, and slips of the keyboard are undone.

Keyword search, the shares of words that ranking counts and the reader know "descaling" and "password", not
"desclaing" and "pw". A word is taken for a slip where no manual has it, nor one of its stem, and
English does not (symspellpy's list of 82,000 words); it becomes the manuals' word that is nearest, if both
begin alike and are one edit apart, two from _LONG letters on. Whether a letter is doubled is not heard: it
counts for no edit where that word is frequent. A word that the manuals write as two becomes these, be it
English or not, and the other way round. Codes, numbers, addresses and what is joined to them stay as they
are.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from importlib.resources import files

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from qa_core.tokens import STOP_WORDS, tokenize
from qa_core.types import Passage

Slip = tuple[str, str]  # a word as it is written, and as it is read

_SHORTEST = 6  # letters of a word that may be a slip: of shorter ones too many are near
_LONG = 8
_BY_EAR = 4  # times as frequent is a word that is as near as another but for a doubled letter
_N_NEAREST = 20  # words that are compared by how often the manuals have them
_WORD = re.compile(r"[^\W\d_]+")
_DOUBLED = re.compile(r"(.)\1")
_ALONE = re.compile(r"(?<![\w.@/#'’-])[^\W\d_]+(?![\w@/#-]|\.\w|['’](?!s\b))")
_PAIR = re.compile(r"(?<![\w.@/#'’-])([^\W\d_]{3,}) (?=([^\W\d_]{3,})(?![\w@/#'’-]))")
_SHORTEST_PART = 3  # letters of the first of two words that are written as one, and of the second
_BY_CHANCE = STOP_WORDS | {"not"}  # stand side by side with anything: "not able" is no "notable"
_WITH = re.compile(r"(?<![\w/.])(?:[wW]/([oO])\b|w/ ?(?=\w))")  # "W/kg" is a unit
_SHORTHAND_TEXT = """
    pw password|pwd password|passwd password|temp temperature|temps temperatures|dia diameter|batt battery
    cust customer|config configuration|approx approximately|qty quantity|pic picture|pics pictures
    min minimum|mins minutes|hrs hours|secs seconds|info information|diff different|spec specification
    specs specifications|wifi Wi-Fi|bt Bluetooth|fw firmware|vol volume|pls please|plz please|thx thanks
    ur your|u you|dont don't|doesnt doesn't|didnt didn't|cant can't|wont won't|isnt isn't|arent aren't
    wasnt wasn't|whats what is|hows how is|theres there is|ive I have|im I am|gonna going to|wanna want to
"""
# "Order no", "part nr.", "serial #"; not "part no longer made".
_NUMBER_SIGN = re.compile(
    r"\b((?:article|catalogue|item|model|order|part|product|reference|serial) ?)"
    r"(?:(?<= )(?:no|nr|num)\b\.?(?!['’]| (?:longer|more|good)\b)|#(?!\s?\d))",
    re.IGNORECASE,
)
_PAIRS = (pair.strip() for line in _SHORTHAND_TEXT.strip().splitlines() for pair in line.split("|"))
_SHORTHAND: dict[str, str] = dict(pair.split(" ", 1) for pair in _PAIRS)


def _as_written(word: str, other: str) -> str:
    """A word in capitals, or with one, where the other is written so."""
    if other.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if other[0].isupper() else word


def _as_heard(word: str) -> str:
    """A word with single letters for doubled ones."""
    return _DOUBLED.sub(r"\1", word)


@cache
def _english() -> frozenset[str]:
    """The words of English, in small letters; read when a question first has one that no manual has."""
    words = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ", 1)[0] for line in words.splitlines())


class Spelling:
    """The words of an index's manuals; they are looked through when a question first has another one."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._side_by_side: dict[str, bool] = {}  # two words: whether the manuals have them so

    def corrected(self, question: str) -> str:
        """The question with the manuals' words for its shorthand and its slips."""
        if self._has("number"):
            question = _NUMBER_SIGN.sub(lambda sign: f"{sign[1].rstrip()} number", question)
        question = _WITH.sub(lambda found: "without" if found[1] else "with ", question)
        return _ALONE.sub(lambda match: self._corrected(match.group()), self._joined(question))

    def slips(self, question: str) -> tuple[Slip, ...]:
        """The words of the question that are taken for slips, each with the one that is read in its place."""
        words = dict.fromkeys(word for word in _ALONE.findall(question) if word.casefold() not in _SHORTHAND)
        read = ((word, self._corrected(word)) for word in words)
        return tuple((word, other) for word, other in read if word != other)

    def _corrected(self, word: str) -> str:
        folded = word.casefold()
        long = _SHORTHAND.get(folded)
        if long is not None and self._is_better(long, folded):
            return _as_written(long, word)
        if len(word) < _SHORTEST or folded in STOP_WORDS or self._has(folded):
            return word
        if parted := self._parted(folded):
            return _as_written(parted, word)
        if folded in _english():
            return word
        return _as_written(self._nearest(folded) or folded, word)

    def _parted(self, word: str) -> str | None:
        """The two words that the manuals have side by side in place of one: "rain cover" for "raincover"."""
        parts = ((word[:i], word[i:]) for i in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1))
        known = (
            f"{one} {other}"
            for one, other in parts
            if one in self._counts and self._has(other) and _BY_CHANCE.isdisjoint((one, other))
        )
        return next(filter(self._have_side_by_side, known), None)

    def _have_side_by_side(self, words: str) -> bool:
        """Whether they stand so in a passage; all are looked through once, and what was found is kept."""
        if words not in self._side_by_side:
            one, other = words.split(" ")
            pattern = re.compile(rf"(?<![^\W_]){one}[ -]{other}(?:s|es)?(?![^\W_])", re.IGNORECASE)
            texts = (each.headed_text for each in self._passages)
            self._side_by_side[words] = any(
                one in text.casefold() and pattern.search(text) is not None for text in texts
            )
        return self._side_by_side[words]

    def _joined(self, question: str) -> str:
        """The question with one word for two that the manuals write as one, and lack one of the two."""

        def joined(pair: re.Match[str]) -> str:
            one, other = pair[1].casefold(), pair[2].casefold()
            is_one = one + other in self._counts and not (self._has(one) and self._has(other))
            return pair[1] if is_one else pair[0]

        return _PAIR.sub(joined, question)

    def _is_better(self, long: str, short: str) -> bool:
        """Whether the manuals write it out, or everybody does ("don't"), and have no such word."""
        is_written = "'" in long or self._stems.issuperset(tokenize(long))
        return short not in self._counts and is_written

    def _has(self, word: str) -> bool:
        return word in self._counts or not self._stems.isdisjoint(tokenize(word))

    def _nearest(self, word: str) -> str | None:
        seen, heard = self._near(word, str), self._near(word, _as_heard)

        def cost(other: str) -> tuple[float, float, str]:
            by_sight, by_ear = seen.get(other, math.inf), heard.get(other, math.inf)
            n_times = self._counts[other] / (1 if by_sight <= by_ear else _BY_EAR)
            return min(by_sight, by_ear), -n_times, other

        return min(seen.keys() | heard.keys(), key=cost, default=None)

    def _near(self, word: str, as_compared: Callable[[str], str]) -> dict[str, float]:
        """The manuals' words that are near, each with how many edits it is away."""
        most = 2 if len(word) >= _LONG else 1
        choices = self._by_first_letter.get(word[0], [])
        found = extract(
            word,
            choices,
            scorer=OSA.distance,
            processor=as_compared,
            score_cutoff=most,
            limit=_N_NEAREST,
        )
        return {other: n_edits for other, n_edits, _ in found}

    @cached_property
    def _counts(self) -> Counter[str]:
        """How often the manuals have each word, in small letters."""
        texts = {f"{each.manual.product} {each.manual.title} {each.heading}": None for each in self._passages}
        counts: Counter[str] = Counter()
        for text in (*texts, *(each.text for each in self._passages)):
            counts.update(_WORD.findall(text.casefold()))
        return counts

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(token for word in self._counts for token in tokenize(word))

    @cached_property
    def _by_first_letter(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._counts:
            if len(word) >= _SHORTEST - 1:
                found.setdefault(word[0], []).append(word)
        return found
