"""What tables call the measure that a question asks for: "how heavy" has no word of the label "Weight"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_core.tokens import tokenize

# What a question says, and the words of the labels that answer it.
_MEASURES = (
    (r"how heavy|weighs?", "weight mass"),
    (r"how (?:loud|noisy|quiet|silent)", "noise sound"),
    (r"how (?:tall|high)", "height size dimensions"),
    (r"how (?:wide|broad)", "width size dimensions"),
    (r"how deep", "depth size dimensions"),
    (r"how thick", "thickness"),
    (r"how (?:big|large|small)", "size dimensions"),
    (r"how (?:hot|warm|cold)", "temperature"),
    (r"how (?:fast|quick|quickly)", "speed"),
    (r"how far", "range distance"),
    (r"how steep", "slope gradient incline"),
    (r"how (?:accurate|exact|precise)", "accuracy precision"),
    (r"how (?:powerful|strong)|watts?|wattage", "power wattage consumption"),
    (r"how (?:many|much) amp(?:ere)?s?", "current"),
    (r"volts?", "voltage"),
    (r"how expensive|costs?", "price"),
)
_OPEN = ((r"how long", "length duration time"),)  # what is meant is seen among the rows of a table alone
_Said = tuple[re.Pattern[str], str]


def _compiled(measures: tuple[tuple[str, str], ...]) -> tuple[_Said, ...]:
    return tuple((re.compile(rf"\b(?:{said})\b", re.IGNORECASE), label) for said, label in measures)


_CLEAR, _ALL = _compiled(_MEASURES), _compiled(_MEASURES + _OPEN)


def measures_of(question: str) -> frozenset[str]:
    """The tokens of what tables call the measures that a question asks for; none where it asks for none."""
    return frozenset(token for label in _labels(question, _ALL) for token in tokenize(label))


def with_measures(question: str) -> str:
    """The question, and behind it what tables call the measures that it asks for."""
    return " ".join((question, *_labels(question, _CLEAR)))


def without_measures(question: str) -> str:
    """The question without the words that ask for a measure in other words than tables have."""
    for said, _ in _ALL:
        question = said.sub(" ", question)
    return question


def _labels(question: str, measures: tuple[_Said, ...]) -> Iterator[str]:
    return (label for said, label in measures if said.search(question))
