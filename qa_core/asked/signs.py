"""What people say of lights and sounds: that a lamp blinks, and how fast, or is lit; that it beeps."""

from __future__ import annotations

import re

from qa_core.asked.row_cells import Cell, cells_within
from qa_core.tokens import tokenize

# Words of a line are alike. "On" is none: "the red lamp on the left".
_SAID = {
    "steady": "constant constantly continuous continuously lit permanent permanently solid steadily steady",
    "blinking": "blink blinking blinks flash flashes flashing pulse pulsing",
    "fast": "fast quick quickly rapid rapidly",
    "slow": "slow slowly",
    "sound": "acoustic alarm audible beep beeping beeps buzzer buzzing chirp hoot horn sound tone",
}
_SIGN_OF = {token: sign for sign, words in _SAID.items() for token in tokenize(words)}
OPPOSITE = {"steady": "blinking", "blinking": "steady", "fast": "slow", "slow": "fast"}
_NOT = re.compile(
    r"\b(?:doesn['’]?t|isn['’]?t|no|not|without)\s+(?:an?\s+|any\s+)?([^\W\d_]+)", re.IGNORECASE
)
_ON = re.compile(
    r"\b(?:lamp|light|led|indicator)s? (?:(?:is|are|stays?|comes?) )?on\b(?! (?:an?|my|the)\b)", re.IGNORECASE
)
_LONGEST = 2  # words of a column's name that says how a light shines: "Blinks slowly"


def signs_of(words: frozenset[str]) -> frozenset[str]:
    """What these tokens say of a light and of a sound."""
    return frozenset(_SIGN_OF[word] for word in words & _SIGN_OF.keys())


def asked_signs(question: str) -> frozenset[str]:
    """What a question says of the light and of a sound; "not blinking" is steady."""
    excluded = signs_of(frozenset(tokenize(" ".join(_NOT.findall(question)))))
    opposite = frozenset(OPPOSITE[sign] for sign in excluded if sign in OPPOSITE)
    return signs_of(frozenset(tokenize(_NOT.sub(" ", question)))) | opposite


def asked_states(question: str, names: frozenset[str]) -> frozenset[str]:
    """Of columns' names those that say of a light what the question does: "Flashing" where one blinks.

    None where there is one such column alone, or the question's is not among them.
    """
    states = {name: state for name in names if (state := _state(name))}
    asked = asked_signs(question) | ({"steady"} if _ON.search(question) else frozenset())
    return frozenset(name for name, state in states.items() if state <= asked and len(states) > 1)


def asked_state_cell(question: str, text: str, row: tuple[int, int]) -> Cell | None:
    """The cell of a row below what the question says of the light."""
    cells = {cell.name(text) or "": cell for cell in cells_within(text, *row)[1:]}
    asked = asked_states(question, frozenset(cells))
    return cells[next(iter(asked))] if len(asked) == 1 else None


def _state(name: str) -> frozenset[str]:
    """What a column's name says of a light, where it says hardly anything else."""
    words = frozenset(tokenize(name))
    if words == {"on"}:
        return frozenset({"steady"})
    return signs_of(words) if len(words) <= _LONGEST else frozenset()
