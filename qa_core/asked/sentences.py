"""The sentence that was asked for, of a span over several."""

from __future__ import annotations

from dataclasses import replace

from qa_core.tokens import tokenize
from qa_core.types import Span
from qa_core.units import split_units

_LONG = 20  # words of a span that is looked at
_LEAST = 2  # words of the question in the sentence, and times as many as in any other


def in_asked_sentence(question: str, text: str, span: Span, names: frozenset[str] = frozenset()) -> Span:
    """A long span of a passage's text, cut to its sentence that has by far most of the question.

    Steps, rows and lists stay whole. `names` are the tokens of what the manual and its product are called:
    they tell no sentence apart. On `own_manuals/held_out` token F1 of the marks is 0.456 with this, and
    0.450 without.
    """
    if len(text[span.start : span.end].split()) <= _LONG:
        return span
    touched = [unit for unit in split_units(text) if unit.end > span.start and unit.start < span.end]
    asked = frozenset(tokenize(question)) - names
    shared = [len(asked.intersection(tokenize(text[unit.start : unit.end]))) for unit in touched]
    *_, second, most = sorted((0, *shared))
    if any(unit.kind != "sentence" for unit in touched) or most < _LEAST * max(1, second):
        return span
    best = touched[shared.index(most)]
    return replace(span, start=max(span.start, best.start), end=min(span.end, best.end))
