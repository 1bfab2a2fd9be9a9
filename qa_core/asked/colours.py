"""The colour of a light that a question asks about: what stands of another colour is no answer.

"Green LED flashing" is near to all that a manual says of its red one. Colours tell where hardly anything else
is asked: in "the LED is green, how do I reset it?" they do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa_core.tokens import tokenize

_GROUPS = (  # what people hardly tell apart is one
    "amber orange yellow|black|blue|brown|cyan turquoise|gold|gray grey silver|green|"
    "magenta pink purple violet|red|white"
)
_COLOUR_OF = {word: group.split()[0] for group in _GROUPS.split("|") for word in group.split()}
COLOUR_WORD = rf"\b(?:{'|'.join(_COLOUR_OF)})\b"
_COLOUR = re.compile(COLOUR_WORD, re.IGNORECASE)
_ASKING = frozenset(
    tokenize(
        """
        blink bright color colour coloured constant constantly continuous continuously display flash front
        glow icon indicator indicate keep lamp led light lit mean off on permanently pulse quick quickly rapid
        rapidly ring shine show signal slow slowly solid status steady symbol time turn twice
        """
    )
)


@dataclass(frozen=True, slots=True)
class Coloured:
    """A colour in a text, `text[start:end]`."""

    start: int
    end: int
    colour: str


def colours_in(text: str) -> Iterator[Coloured]:
    """The colours of a text, in order."""
    return (Coloured(*found.span(), found[0].lower()) for found in _COLOUR.finditer(text))


def asked_colours(question: str, text: str, names: frozenset[str]) -> frozenset[str]:
    """The colours of a text that a question asks for, where it is about lights and nothing else.

    For one that the text has not these are those that people hardly tell from it. `names` are the tokens of
    what the manual and its product are called.
    """
    asked = _colours_of_lights(question, names)
    there = frozenset(each.colour for each in colours_in(text)) if asked else frozenset()
    return like_asked(asked, there)


def like_asked(asked: frozenset[str], there: frozenset[str]) -> frozenset[str]:
    """Of the colours that are there the asked ones; for one that is not, those that people take for it."""
    alike = frozenset(_COLOUR_OF[each] for each in asked - there)
    return asked & there | frozenset(each for each in there if _COLOUR_OF[each] in alike)


def has_other_colours_alone(question: str, text: str, names: frozenset[str]) -> bool:
    """Whether a text has colours, and none of those that a question about lights asks for."""
    is_of_lights = bool(_colours_of_lights(question, names)) and _COLOUR.search(text) is not None
    return is_of_lights and not asked_colours(question, text, names)


def _colours_of_lights(question: str, names: frozenset[str]) -> frozenset[str]:
    colours = frozenset(each.colour for each in colours_in(question))
    if not colours:
        return colours
    besides = frozenset(tokenize(_COLOUR.sub(" ", question))) - names - _ASKING
    return colours if all(map(str.isdigit, besides)) else frozenset()  # "blinks 7 times"
