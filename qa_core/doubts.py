"""What makes an answer more or less probable than its features tell: rules for what they cannot see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qa_core.asked.code_rows import asks_for_its_row, names_its_fault
from qa_core.asked.colours import colours_in, has_other_colours_alone
from qa_core.asked.definitions import asks_for_its_definition
from qa_core.asked.kinds import lacks_asked_kind
from qa_core.asked.quantities import is_of_other_dimension
from qa_core.asked.signals import lacks_asked_flashes, light_words
from qa_core.asked.spans import asked_spans
from qa_core.lead_ins import only_leads_in
from qa_core.ranking import has_asked_cell, only_names_product, words_of
from qa_core.types import KnownAnswer, Passage, Reading

TRUST = 0.9  # how sure it may be of what people found right when the very same question was asked
# What is left of confidence where the manuals have codes like the one asked about, not it; where the section
# only leads to others; and where all that a passage has of the question is the product's name. Of 3,900
# questions the last changes none that was answered: it is for manuals of a page or two.
UNKNOWN_CODE = 0.3
ONLY_LEADS_IN = 0.3
ONLY_NAMED = 0.3
OF_ANOTHER_KIND = 0.3  # where a pressure or a price is asked for, and the passage has but litres
OF_ANOTHER_MODEL = 0.3  # where a model is named, and what is marked is about another of its table or series
OF_ANOTHER_COLOUR = 0.3  # where a light is asked for, and the passage tells of others, or of other flashes
OF_ANOTHER = 0.5  # what is left where the question names a product or manual, and the passage has another
# How sure it is at least where nothing but a code, a word or a cell is asked for that is there; and where
# something is asked of a fault that is there.
KNOWN_CODE = 0.7
KNOWN_FAULT = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """The reading that ranks first, and what the index tells of its passage."""

    question: str  # as it is read
    reading: Reading
    rows: tuple[tuple[int, int], ...]  # of the passage, where they start and end in its section
    names: frozenset[str]  # tokens of what its manual is called beside its title
    lacks_code: bool  # whether its product has no such model, code or version as the question names
    is_of_another: bool  # whether the question names products or manuals, and it is of none of them

    @property
    def passage(self) -> Passage:
        """What was read."""
        return self.reading.hit.passage


def surer(confidence: float, of: Candidate) -> float:
    """The confidence where the passage has what is asked by its name; else as it is."""
    asked = of.question, of.passage
    if asks_for_its_row(*asked, of.names) or asks_for_its_definition(*asked) or has_asked_cell(*asked):
        return _or(confidence, KNOWN_CODE)
    return _or(confidence, KNOWN_FAULT) if names_its_fault(*asked) else confidence


def doubted(confidence: float, of: Candidate) -> float:
    """What each doubt that there is leaves of the confidence."""
    for share, is_doubted in _DOUBTS:
        if is_doubted(of):
            confidence *= share
    return confidence


def as_known(confidence: float, known: KnownAnswer | None) -> float:
    """The confidence with what people said of questions like this one."""
    if known is None:
        return confidence
    if known.is_none:
        return confidence * (1 - known.strength)
    return _or(confidence, TRUST * known.strength)


def _or(one: float, other: float) -> float:
    """The probability that one of two independent signs is right."""
    return 1 - (1 - one) * (1 - other)


def _is_of_other_light(of: Candidate) -> bool:
    return _is_of_other_colour(of) or lacks_asked_flashes(of.question, of.passage.text)


def _is_of_other_colour(of: Candidate) -> bool:
    if not any(colours_in(of.question)):
        return False
    words, lights = words_of(of.passage), light_words(of.passage.text)
    names = words.manual | lights | (words.subject if lights else frozenset())
    return has_other_colours_alone(of.question, of.passage.headed_text, names)


def _is_of_other_kind(of: Candidate) -> bool:
    is_of_other = is_of_other_dimension(of.question, of.passage.text, of.reading.spans[0])
    return is_of_other or lacks_asked_kind(of.question, of.passage.headed_text)


_DOUBTS: tuple[tuple[float, Callable[[Candidate], bool]], ...] = (
    (UNKNOWN_CODE, lambda of: of.lacks_code),
    (OF_ANOTHER_COLOUR, _is_of_other_light),
    (OF_ANOTHER_KIND, _is_of_other_kind),
    (OF_ANOTHER_MODEL, lambda of: asked_spans(of.question, of.reading, of.rows).is_of_other_model),
    (ONLY_LEADS_IN, lambda of: only_leads_in(of.passage.section)),
    (ONLY_NAMED, lambda of: only_names_product(of.question, of.reading)),
    (OF_ANOTHER, lambda of: of.is_of_another),
)
