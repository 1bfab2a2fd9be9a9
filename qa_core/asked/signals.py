"""The rows of a table of lights and sounds that a question describes: "red lamp on and constant beep".

To a small reader such rows are alike, and what people see and hear they tell in words of their own. Rows are
told apart by the colour of the light, by whether, how fast and how often it blinks, and by whether there is a
sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa_core.asked.cells import HOW_TO
from qa_core.asked.colours import colours_in, like_asked
from qa_core.asked.flashes import flashes_in
from qa_core.asked.row_cells import cells_of, rows_of
from qa_core.asked.signs import OPPOSITE, asked_signs, signs_of
from qa_core.tokens import tokenize

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
    columns: frozenset[str]  # tokens of what the columns of what is seen are called
    flashes: frozenset[int]  # how many there are

    @property
    def signs(self) -> frozenset[str]:
        """What is said of the light and of a sound."""
        return signs_of(self.words)


def described_rows(question: str, text: str, rows: Iterable[tuple[int, int]]) -> tuple[SignalRow, ...]:
    """Of these rows `text[start:end]` those that a question about a light describes best; none where unsure.

    They are of its colour, where the table has rows of others, too.
    """
    asked = frozenset(each.colour for each in colours_in(question))
    words = frozenset(tokenize(question))
    signs = asked_signs(question)
    if not asked or HOW_TO.search(question):
        return ()
    lights = tuple(_lights(text, rows))
    if not (_LIGHT.search(question) or signs or any(words & each.columns for each in lights)):
        return ()
    there = frozenset().union(*(each.colours for each in lights))
    meant = like_asked(asked, there)
    own = [each for each in lights if each.colours & meant]
    if not own or len(own) == len(lights):
        return ()
    flashes = flashes_in(question)
    likeness = [
        (_agreement(signs, each.signs) + _same_flashes(flashes, each), len(words & each.words))
        for each in own
    ]
    best = max(likeness)
    return tuple(each for each, like in zip(own, likeness, strict=True) if like == best and best[0] >= 0)


def plainest(question: str, lights: Sequence[SignalRow]) -> tuple[SignalRow, ...]:
    """Of rows that a question describes alike those that tell least beyond it: "green" alone."""
    signs, flashes = asked_signs(question), flashes_in(question)
    beyond = [len(each.signs - signs) + (bool(each.flashes) > bool(flashes)) for each in lights]
    return tuple(each for each, n in zip(lights, beyond, strict=True) if n == min(beyond))


def lacks_asked_flashes(question: str, text: str) -> bool:
    """Whether a question tells how often a light flashes, and a text tells that of such lights, but not this.

    Such are the rows of its colour; where it has none, or no row is of it, all that the text has. A single
    flash may be any for which no number is told.
    """
    asked = flashes_in(question)
    if not asked:
        return False
    colours = frozenset(each.colour for each in colours_in(question))
    lights = _lights_of(text)
    meant = like_asked(colours, frozenset().union(*(each.colours for each in lights)))
    own = [each for each in lights if each.colours & meant]
    if asked == {1} and any(not each.flashes and "blinking" in each.signs for each in own):
        return False
    told = frozenset().union(*(each.flashes for each in own)) if own else flashes_in(text)
    return bool(told) and asked.isdisjoint(told)


def light_words(text: str) -> frozenset[str]:
    """The tokens of what the lights in a text's rows are called: the names of their columns."""
    return frozenset().union(*(each.columns for each in _lights_of(text)))


def _lights_of(text: str) -> tuple[SignalRow, ...]:
    return tuple(_lights(text, rows_of(text)))


def _lights(text: str, rows: Iterable[tuple[int, int]]) -> Iterator[SignalRow]:
    """The rows that begin with what is seen of a light, and go on."""
    for start, end in rows:
        cells = tuple(cells_of(text[start:end]))
        for n_seen in range(1, min(_N_LEADING, len(cells) - 1) + 1):
            seen = " ".join(text[start + each.value : start + each.end] for each in cells[:n_seen])
            if colours := frozenset(each.colour for each in colours_in(seen)):
                meaning = start + cells[n_seen].value
                columns = " ".join(each.name(text[start:end]) or "" for each in cells[:n_seen])
                words, called = frozenset(tokenize(seen)), frozenset(tokenize(columns))
                yield SignalRow(start, end, meaning, colours, words, called, flashes_in(seen))
                break


def _agreement(asked: frozenset[str], told: frozenset[str]) -> int:
    """How many signs both have, less those of one that the other excludes."""
    n_opposite = sum(OPPOSITE.get(sign) in told for sign in asked)
    return len(asked & told) - n_opposite - (("sound" in asked) != ("sound" in told))


def _same_flashes(asked: frozenset[int], row: SignalRow) -> int:
    """1 where a row tells of as many flashes as are asked for, -1 where of others; else 0."""
    if not asked or not row.flashes:
        return 0
    return -1 if asked.isdisjoint(row.flashes) else 1
