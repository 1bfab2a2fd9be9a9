"""Quantities that can be the answer: "what pressure" wants bar or psi, and never "54 dB".

A small reader marks a number near the words of the question, of whatever it may be. What a question asks for
in words that no unit answers, or how something is done, is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_core.asked.cells import HOW_TO
from qa_core.asked.unit_symbols import DIMENSION_OF
from qa_core.tokens import tokenize
from qa_core.types import Span
from qa_core.units import Unit, split_units

_AMOUNT = r"[-−±]?\d+(?:[.,]\d+)*"
_UNIT = r"°[CF]|dB\(A\)|[A-Zµ]+(?:/[A-Z]+)?|m³"
_QUANTITY = re.compile(
    rf"(?<![\w.,-]){_AMOUNT}(?: ?(?:to|[-–x×]) ?{_AMOUNT})? ?({_UNIT})(?![^\W_])", re.IGNORECASE
)
# Told with a unit, if at all. Lengths and times are not always, "DN 160", "every third tank": of them only a
# span that is a quantity and hardly more is surely none.
_ALWAYS_WITH_UNIT = frozenset({"current", "mass", "power", "voltage"})
_MOST_WORDS = 4  # of a span that is a quantity and hardly more
# Behind the name of a measure that is asked for, not of a thing that is called by it: "pressure switch".
_ALONE = r"""(?=\W*$|[?.,!;:]|\ (?:a|after|allowed|an|and|are|at|before|between|can|could|do|does|for|from|has
    |have|i|in|is|it|level|limit|may|must|needed|of|on|or|range|required|should|the|to|value|we|when|with|you
    |(?:\w{1,4}\ )?\S*\d))"""
_UTMOST = r"(?:max|maximum|min|minimum|greatest|least)\.?\ (?:[^\W\d_]+\ )?"  # of a quantity in any case
_ASKED = tuple(
    (re.compile(rf"\b(?:{said})\b", re.IGNORECASE | re.VERBOSE), frozenset(dimensions.split()))
    for said, dimensions in (
        (r"how\ (?:far|tall|wide|deep|thick|high)", "length"),
        (rf"(?:clearance|depth|diameter|distance|height|length|radius|thickness|width){_ALONE}", "length"),
        (rf"{_UTMOST}(?:depth|diameter|distance|height|length|radius|thickness|width)", "length"),
        (r"how\ heavy|weighs?", "mass"),
        (rf"(?:mass|weight){_ALONE}", "mass"),
        (r"how\ (?:hot|warm|cold)", "temperature"),
        (rf"temperature{_ALONE}", "temperature"),
        (rf"pressure{_ALONE}", "pressure"),
        (r"how\ (?:loud|noisy|quiet)", "sound"),
        (rf"(?:noise|sound){_ALONE}", "sound"),
        (rf"(?:voltage|volts){_ALONE}", "voltage"),
        (rf"(?:amperage|amps|fuse){_ALONE}", "current"),
        (rf"(?:wattage|watts){_ALONE}", "power"),
        (r"how\ (?:often|soon|quickly)", "time"),
        (rf"(?:duration|interval|time){_ALONE}", "time"),
        (r"how\ long", "time length"),
    )
)
# "How many watts"; neither "how many feet does it have", nor "watt hours" or "litres per minute".
_COUNTED_BY = [
    unit for unit in DIMENSION_OF if len(unit) > 1 and unit not in {"degree", "degrees", "feet", "foot"}
]
_BY_UNIT = re.compile(
    rf"\bhow (?:many|much) ({'|'.join(map(re.escape, _COUNTED_BY))})(?![\w/-]| (?:hours?|per)\b)",
    re.IGNORECASE,
)
# Of a column or a label: "Weight (kg)", "Power, W".
_UNIT_ALONE = re.compile(
    rf"(?<![^\W_])({'|'.join(re.escape(unit) for unit in DIMENSION_OF if len(unit) > 1)})(?![^\W_])"
    r"|[(\[,] ?([A-Z])(?=[)\]:]| \|)",
    re.IGNORECASE,
)
# What tells of a dimension without these units.
_SAID_OTHERWISE = {
    dimension: re.compile(said, re.IGNORECASE)
    for dimension, said in {
        "current": r"\b[FT] ?\d+(?:[.,]\d+)? ?m?A\b",
        "length": r"\d ?[\"'″′”’]",
        "mass": r"\b(?:ounces?|pounds?|stones?)\b|\d ?k?N\b",
        "time": r"\b(?:overnight|daily|(?:fort)?nightly|(?:annual|month|quarter|week|year)ly)\b"
        r"|\d(?: ?mins?|:\d\d| ?[ap]m)\b",
        "voltage": r"\d ?V(?:AC|DC)\b",
        "volume": r"\b(?:cups?|glass(?:es)?|ounces?|pints?|quarts?|spoons?)\b|\d ?(?:cc|fl|oz)\b",
    }.items()
}
# What wants no quantity, or one of anything.
_OPEN = re.compile(r"\b(?:how (?:many|much)|when|why|which|where|who)\b", re.IGNORECASE)
_OPEN_BESIDE = re.compile(r"\b(?:how (?:many|much)|why|which|where|who)\b", re.IGNORECASE)  # a named unit


def asked_dimensions(question: str) -> frozenset[str]:
    """The dimensions of the quantities that a question asks for; none where it may ask for anything else."""
    if HOW_TO.search(question):
        return frozenset()
    if (by_unit := _dimensions_by_unit(question)) or _OPEN.search(question):
        return by_unit
    return frozenset().union(*(dimensions for said, dimensions in _ASKED if said.search(question)))


def with_asked_dimension(question: str, text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans; the quantities of the asked dimension instead, where the best is one of another.

    First those in the same sentence, step or row, then those where more of the question stands.
    """
    dimensions = asked_dimensions(question)
    if not spans or not _is_other(text, spans[0], dimensions):
        return tuple(spans)
    best, asked = spans[0], frozenset(tokenize(question))
    units = split_units(text)
    found = [(unit, span) for unit in units for span in _quantities(text, unit, dimensions, best)]
    found.sort(key=lambda each: (not _touches(each[0], best), -_n_shared(text, each[0], asked)))
    return tuple(replace(span, score=best.score - n) for n, (_, span) in enumerate(found)) or tuple(spans)


def is_of_other_dimension(question: str, text: str, span: Span) -> bool:
    """Whether a span is a quantity of another dimension than is asked for, and the text has none of that.

    Where a unit is asked for by its name, "how many watts", whatever the span has is of another, unless the
    text tells it in other words: "overnight", `24"`.
    """
    dimensions = asked_dimensions(question)
    if not dimensions or not dimensions.isdisjoint(_dimensions(text) | _dimensions_alone(text)):
        return False
    if _dimensions_by_unit(question):
        return not any(_SAID_OTHERWISE[each].search(text) for each in dimensions & _SAID_OTHERWISE.keys())
    is_told = dimensions <= _ALWAYS_WITH_UNIT and bool(_dimensions(text[span.start : span.end]))
    return is_told or _is_other(text, span, dimensions)


def _dimensions_by_unit(question: str) -> frozenset[str]:
    """The dimensions of the units that a question asks for by name, where it asks for nothing else."""
    is_open = _OPEN_BESIDE.search(_BY_UNIT.sub(" ", question)) is not None
    units = () if is_open else _BY_UNIT.findall(question)
    return frozenset(DIMENSION_OF[unit.lower()] for unit in units)


def _is_other(text: str, span: Span, dimensions: frozenset[str]) -> bool:
    marked = text[span.start : span.end]
    if not dimensions or len(marked.split()) > _MOST_WORDS:
        return False
    own = _dimensions(marked)
    return bool(own) and own.isdisjoint(dimensions)


def _dimensions(text: str) -> frozenset[str]:
    """The dimensions of the quantities of a text; "6 l/min" has litres."""
    units = (found[1].lower() for found in _QUANTITY.finditer(text))
    known = (unit if unit in DIMENSION_OF else unit.partition("/")[0] for unit in units)
    return frozenset(DIMENSION_OF[unit] for unit in known if unit in DIMENSION_OF)


def _dimensions_alone(text: str) -> frozenset[str]:
    """The dimensions of the units that a text has without a number: "for two hours", "Weight (kg)"."""
    units = ((found[1] or found[2]).lower() for found in _UNIT_ALONE.finditer(text))
    return frozenset(DIMENSION_OF[unit] for unit in units if unit in DIMENSION_OF)


def _quantities(text: str, unit: Unit, dimensions: frozenset[str], like: Span) -> Iterator[Span]:
    for found in _QUANTITY.finditer(text, unit.start, unit.end):
        if DIMENSION_OF.get(found[1].lower()) in dimensions:
            yield replace(like, start=found.start(), end=found.end())


def _touches(unit: Unit, span: Span) -> bool:
    return unit.end > span.start and unit.start < span.end


def _n_shared(text: str, unit: Unit, asked: frozenset[str]) -> int:
    return len(asked.intersection(tokenize(text[unit.start : unit.end])))
