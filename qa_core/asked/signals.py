"""The rows of a table of lights and sounds that a question describes: "red lamp on and constant beep".

To a small reader such rows are alike, and what people see and hear they tell in words of their own. Rows are
told apart by the colour of the light, by whether and how fast it blinks, and by whether there is a sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_core.asked.cells import HOW_TO
from qa_core.asked.colours import colours_in, like_asked
from qa_core.asked.row_cells import cells_of
from qa_core.tokens import tokenize

# What people say of lights and sounds; words of a line are alike. "On" is none: "the red lamp on the left".
_SAID = {
    "steady": "constant constantly continuous continuously lit permanent permanently solid steadily steady",
    "blinking": "blink blinking blinks flash flashes flashing pulse pulsing",
    "fast": "fast quick quickly rapid rapidly",
    "slow": "slow slowly",
    "sound": "acoustic alarm audible beep beeping beeps buzzer buzzing chirp hoot horn sound tone",
}
_SIGN_OF = {token: sign for sign, words in _SAID.items() for token in tokenize(words)}
_OPPOSITE = {"steady": "blinking", "blinking": "steady", "fast": "slow", "slow": "fast"}
_NOT = re.compile(
    r"\b(?:doesn['’]?t|isn['’]?t|no|not|without)\s+(?:an?\s+|any\s+)?([^\W\d_]+)", re.IGNORECASE
)
_LIGHT = re.compile(r"\b(?:indicators?|lamps?|leds?|lights?|lit|rings?)\b", re.IGNORECASE)
_N_LEADING = 2  # cells of a row that may tell of the light: "Power | green | Ready"


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A row about a light, `text[start:end]`: what it means stands from `meaning` on."""

    start: int
    end: int
    meaning: int
    colours: frozenset[str]
    words: frozenset[str]  # tokens of what is seen and heard

    @property
    def signs(self) -> frozenset[str]:
        """What is said of the light and of a sound."""
        return _signs(self.words)


def described_rows(question: str, text: str, rows: Iterable[tuple[int, int]]) -> tuple[SignalRow, ...]:
    """Of these rows `text[start:end]` those that a question about a light describes best; none where unsure.

    They are of its colour, where the table has rows of others, too.
    """
    asked = frozenset(each.colour for each in colours_in(question))
    words = frozenset(tokenize(question))
    signs = _asked_signs(question)
    if not asked or HOW_TO.search(question) or not (_LIGHT.search(question) or signs):
        return ()
    lights = tuple(_lights(text, rows))
    there = frozenset().union(*(each.colours for each in lights))
    meant = like_asked(asked, there)
    own = [each for each in lights if each.colours & meant]
    if not own or len(own) == len(lights):
        return ()
    likeness = [(_agreement(signs, each.signs), len(words & each.words)) for each in own]
    best = max(likeness)
    return tuple(each for each, like in zip(own, likeness, strict=True) if like == best and best[0] >= 0)


def _lights(text: str, rows: Iterable[tuple[int, int]]) -> Iterator[SignalRow]:
    """The rows that begin with what is seen of a light, and go on."""
    for start, end in rows:
        cells = tuple(cells_of(text[start:end]))
        for n_seen in range(1, min(_N_LEADING, len(cells) - 1) + 1):
            seen = " ".join(text[start + each.value : start + each.end] for each in cells[:n_seen])
            if colours := frozenset(each.colour for each in colours_in(seen)):
                meaning = start + cells[n_seen].value
                yield SignalRow(start, end, meaning, colours, frozenset(tokenize(seen)))
                break


def _signs(words: frozenset[str]) -> frozenset[str]:
    return frozenset(_SIGN_OF[word] for word in words & _SIGN_OF.keys())


def _asked_signs(question: str) -> frozenset[str]:
    """What a question says of the light and of a sound; "not blinking" is steady."""
    excluded = _signs(frozenset(tokenize(" ".join(_NOT.findall(question)))))
    opposite = frozenset(_OPPOSITE[sign] for sign in excluded if sign in _OPPOSITE)
    return _signs(frozenset(tokenize(_NOT.sub(" ", question)))) | opposite


def _agreement(asked: frozenset[str], told: frozenset[str]) -> int:
    """How many signs both have, less those of one that the other excludes."""
    n_opposite = sum(_OPPOSITE.get(sign) in told for sign in asked)
    return len(asked & told) - n_opposite - (("sound" in asked) != ("sound" in told))
