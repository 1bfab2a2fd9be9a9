"""Letters behind the number of a model: the "W" of "LP-20W", which is neither a unit nor a plural's."""

from __future__ import annotations

import re

from qa_core.asked.amounts import is_measured
from qa_core.asked.numbered_names import Code, plain_number

_APART = re.compile(r"(?<![^\W_])[^\W\d_]*(\d+)[-_/ ]([A-Z]{1,2}|[a-z])(?![^\W_])")  # "LP-20 W"
_INFLECTED = frozenset({"s", "th", "st", "nd", "rd"})


def is_of_name(code: Code, question: str) -> bool:
    """Whether a question's code ends with letters that belong to its name: no unit, plural or ordinal."""
    at = code.end - len(code.ending)
    is_inflected = code.ending in _INFLECTED and (question[at].islower() or question.isupper())
    return bool(code.ending) and not is_inflected and (code.is_glued or not is_measured(question, at))


def models_apart(text: str) -> frozenset[str]:
    """The numbers of a text with the letters that stand apart behind them, as of a code's model: "20w"."""
    return frozenset(f"{plain_number(each[1])}{each[2].casefold()}" for each in _APART.finditer(text))
