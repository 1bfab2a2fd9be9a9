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
_COLOUR = re.compile(rf"\b(?:{'|'.join(_COLOUR_OF)})\b", re.IGNORECASE)
_ASKING = frozenset(
    tokenize(
        """
        blink bright color colour coloured constant constantly continuous continuously display flash front
        glow icon indicator indicate keep lamp led light lit mean off on permanently pulse quick quickly rapid
        rapidly ring show signal slow slowly solid status steady symbol turn
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
    """The colours of a text, in order; amber, orange and yellow are one."""
    return (Coloured(*found.span(), _COLOUR_OF[found[0].lower()]) for found in _COLOUR.finditer(text))


def asked_colours(question: str, names: frozenset[str]) -> frozenset[str]:
    """The colours of a question about lights and nothing else; none for another question.

    `names` are the tokens of what the manual and its product are called.
    """
    colours = frozenset(each.colour for each in colours_in(question))
    besides = frozenset(tokenize(_COLOUR.sub(" ", question))) - names - _ASKING if colours else frozenset()
    return frozenset() if besides else colours


def has_other_colours_alone(question: str, text: str, names: frozenset[str]) -> bool:
    """Whether a text has colours, and none of those that a question about lights asks for."""
    asked = asked_colours(question, names)
    there = frozenset(each.colour for each in colours_in(text)) if asked else frozenset()
    return bool(there) and asked.isdisjoint(there)
