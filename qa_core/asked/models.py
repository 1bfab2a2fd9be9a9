"""Which spans are about the model that a question names, where a passage tells of several.

"The TK-4 must not be mounted outside. The TK-4 Pro can be mounted outside": a small reader takes one for the
other. Those are sisters that share their letters, or lead rows of one table. A sentence, step or row is about
the models that it names. Where these are several it is cut between its clauses: "The T5 weighs 8 kg, the T7
11 kg", "250 m on the T5 and 450 m on the T7". Lights are told apart by their colours in the same way.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from qa_core.asked.amounts import is_measured
from qa_core.asked.cells import named_in
from qa_core.asked.colours import colours_in
from qa_core.asked.numbered_names import VARIANT_WORD
from qa_core.asked.row_cells import cells_of
from qa_core.tokens import tokenize
from qa_core.types import Span
from qa_core.units import Unit, split_units

_VARIANT = rf"(?:[A-Z]{{1,2}}|{VARIANT_WORD})(?![^\W_])"  # "TK-4 Pro", "CF 340 F"
_NUMBER = r"\d{1,5}[^\W\d_]{0,2}"
# "TK-4", "Mowly 500", "CF 340 F", "HX 510/520", "B4.5"; "Mowly X" beside a "Mowly Y".
_MODEL = re.compile(
    rf"(?<![^\W_])(?:([^\W\d_]{{1,16}}[-_‐ ]?)({_NUMBER}(?:/{_NUMBER})*|(?<=[^\W\d_])\d{{1,2}}\.\d)"
    rf"(?![^\W_]|[.,]\d)(?:[ -]({_VARIANT}))?|([A-Z][^\W\d_]{{3,15}} )([A-Z])(?![\w'’-]|\.\w))"
)
# "Tovo Mini" beside a "Tovo Home": a word of the product's name, and another in capitals.
_WITHOUT_NUMBER = re.compile(r"(?<![^\W_])([A-Z][^\W\d_]{1,15} )(?=([A-Z][a-z]{1,15})(?![^\W_]))")
# Between models that share what is said of them: "the TK-4 Pro and the TK-6".
_TOGETHER = re.compile(r"[\s,/&]*(?:(?:and|or|the|as well as)\s+)*", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
# What a clause ends with, strongest first.
_BOUNDARIES = tuple(map(re.compile, (r";\s", r",\s", r"\s(?:and|or|but|while|whereas)\s")))
_BEFORE = re.compile(r"[\s,;|)]*(?:(?:and|or|but|while|whereas)\s)?")
_BEHIND = " \n,;|("
_NAME_END = ": "  # of a column
_ENOUGH = 0.5  # of the question's words that a sister's piece has, in the model's own
_NEAR = 4.0  # how far the score of a span may be below the best one's to be taken in its place


_Part = tuple[int, int, frozenset[str]]  # start, end, and the models that it is about


@dataclass(frozen=True, slots=True)
class Place:
    """A passage, as far as it tells models apart."""

    text: str
    section: str = ""  # the text of all of it: rows of one table may lie in several passages
    product: frozenset[str] = frozenset()  # tokens of its name: a word behind these may be a model's


@dataclass(frozen=True, slots=True)
class _Mention:
    """Of models of one series, in a text."""

    start: int
    end: int
    series: str  # what models of a series share: letters, and what stands behind them: a "GW-822" is no GW 60
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a text that tells of the same models; of none that are alike where it names none."""

    start: int
    end: int
    unit: int  # the number of the sentence, step or row that it is of
    names: frozenset[str]
    is_row: bool


def about_asked_model(
    question: str, place: Place, spans: Sequence[Span], colours: frozenset[str] = frozenset()
) -> tuple[Span, ...]:
    """The spans of a passage's text, without what is about a sister of the model that the question names.

    So are lights told apart by the `colours` that it asks for.

    Where the best is about a sister, what is about the model itself in the piece of the text that has as much
    of the question; none where there is no such piece.
    """
    text = place.text
    mentions = (*_mentions(text), *_mentions_without_number(text, place.product))
    asked = named_in(question, frozenset(name for each in mentions for name in each.names)) | colours
    if colours:
        mentions += tuple(_colours(text))
    series = {each.series for each in mentions if asked & each.names}
    if series:
        series |= _series_of_rows(asked, place.section)
    alike = tuple(each for each in mentions if each.series in series)
    if all(asked & each.names for each in alike):
        return tuple(spans)
    pieces = tuple(_pieces(text, alike))
    telling = [each for each in spans if _says_more(text, each.start, each.end, alike)]
    parts = [_part_about(asked, span, _touched(pieces, span), text, alike) for span in telling]
    if parts and parts[0] is None:
        words = frozenset(tokenize(question)) - frozenset(tokenize(" ".join(asked)))
        return _told_instead(words, asked, text, telling, pieces)
    return tuple(part for part in parts if part is not None) or tuple(spans)


def _series_of_rows(asked: frozenset[str], section: str) -> frozenset[str]:
    """The series of the models that lead rows below the same column's name as an asked one does."""
    leading: dict[str | None, list[_Mention]] = defaultdict(list)
    for line in section.split("\n"):
        first, *others = cells_of(line)
        if others:
            found = _mentions(line[first.value : first.end])
            leading[first.name(line)].extend(each for each in found if not each.start)
    columns = (own for own in leading.values() if any(asked & each.names for each in own))
    return frozenset(each.series for own in columns for each in own)


def _mentions(text: str) -> Iterator[_Mention]:
    for found in _MODEL.finditer(text):
        series, numbers = found[1] or found[4], found[2] or found[5]
        variant = f" {found[3].casefold()}" if found[3] else ""
        is_amount = found[2] and series.endswith(" ") and is_measured(text, found.end(2))
        if series.strip().islower() or is_amount:
            continue
        letters = re.sub(r"[\W_]", "", series).casefold()
        names = (f"{letters} {number.casefold()}{variant}" for number in numbers.split("/"))
        yield _Mention(*found.span(), series.casefold(), frozenset(names))


def _mentions_without_number(text: str, product: frozenset[str]) -> Iterator[_Mention]:
    for found in _WITHOUT_NUMBER.finditer(text) if product else ():
        series, word = found[1].casefold(), found[2].casefold()
        if not product.isdisjoint(tokenize(series)) and not product.issuperset(tokenize(word)):
            yield _Mention(found.start(), found.end(2), series, frozenset({f"{series}{word}"}))


def _colours(text: str) -> Iterator[_Mention]:
    return (_Mention(each.start, each.end, "colour", frozenset({each.colour})) for each in colours_in(text))


def _pieces(text: str, mentions: Sequence[_Mention]) -> Iterator[_Piece]:
    for number, unit in enumerate(split_units(text)):
        inside = [each for each in mentions if unit.start <= each.start < unit.end]
        parts = _row_parts if unit.kind == "row" else _sentence_parts
        for start, end, names in parts(text, unit, inside):
            yield _Piece(start, end, number, names, unit.kind == "row")


def _row_parts(text: str, unit: Unit, mentions: Sequence[_Mention]) -> Iterator[_Part]:
    """The row, which is about the model that it is led by, or the cells that are each in a model's column."""
    first, *others = cells_of(text[unit.start : unit.end])
    leading = _names_within(mentions, unit.start, unit.start + first.end)
    columns = [
        (unit.start + cell.value, unit.start + cell.end, names)
        for cell in others
        if (names := _names_within(mentions, unit.start + cell.start, unit.start + cell.value))
    ]
    yield from columns if columns and not leading else [(unit.start, unit.end, leading)]


def _names_within(mentions: Sequence[_Mention], start: int, end: int) -> frozenset[str]:
    return frozenset().union(*(each.names for each in mentions if start <= each.start < end))


def _sentence_parts(text: str, unit: Unit, mentions: Sequence[_Mention]) -> Iterator[_Part]:
    """The clauses of a sentence about different models.

    All of it where there are not as many, or a name alone would be one: "The T5 takes the bag T510".
    """
    groups = list(_together(text, mentions))
    cuts = [_clause_start(text, one.end, other.start) for one, other in pairwise(groups)]
    ranges = list(pairwise([unit.start, *(cut for cut in cuts if cut is not None), unit.end]))
    is_cut = len(ranges) == len(groups) and all(_says_more(text, *each, mentions) for each in ranges)
    for start, end in ranges if is_cut else [(unit.start, unit.end)]:
        yield start, end, _names_within(mentions, start, end)


def _clause_start(text: str, start: int, end: int) -> int | None:
    """Where between two models a new clause begins."""
    found = (tuple(boundary.finditer(text, start, end)) for boundary in _BOUNDARIES)
    return next((each[-1].start() for each in found if each), None)


def _together(text: str, mentions: Sequence[_Mention]) -> Iterator[_Mention]:
    """The mentions, those as one that share what is said of them."""
    last: _Mention | None = None
    for each in mentions:
        if last and _TOGETHER.fullmatch(text, last.end, each.start):
            last = replace(last, end=each.end, names=last.names | each.names)
        else:
            if last:
                yield last
            last = each
    if last:
        yield last


def _touched(pieces: Sequence[_Piece], span: Span) -> tuple[_Piece, ...]:
    return tuple(each for each in pieces if each.end > span.start and each.start < span.end)


def _part_about(
    asked: frozenset[str], span: Span, touched: Sequence[_Piece], text: str, mentions: Sequence[_Mention]
) -> Span | None:
    """The span, or what of it is about the model, or names none; None for what is about sisters alone."""
    own = [each for each in touched if asked & each.names]
    n_sisters = sum(bool(each.names) for each in touched) - len(own)
    if not n_sisters:
        return span
    if not own:
        return None if n_sisters == len(touched) else span
    if len({each.unit for each in own}) > 1 and text[: own[0].start].endswith(_NAME_END):
        return span  # over the columns of several rows: in which of them the answer is is not seen here
    part = _trimmed(text, max(span.start, own[0].start), min(span.end, own[-1].end), span.score)
    return part if _says_more(text, part.start, part.end, mentions) else None


def _trimmed(text: str, start: int, end: int, score: float) -> Span:
    """The span `text[start:end]` without what joins it to what is around it."""
    before = _BEFORE.match(text, start, end)
    start = before.end() if before else start
    return Span(start, start + len(text[start:end].rstrip(_BEHIND)), score)


def _says_more(text: str, start: int, end: int, mentions: Sequence[_Mention]) -> bool:
    """Whether there is more in `text[start:end]` than names of models."""
    words = (word for word in _WORD.finditer(text, start, end) if tokenize(word[0]))
    return any(not any(each.start <= word.start() < each.end for each in mentions) for word in words)


def _told_instead(
    words: frozenset[str], asked: frozenset[str], text: str, spans: Sequence[Span], pieces: Sequence[_Piece]
) -> tuple[Span, ...]:
    """What is about the model in place of the best span, which is about a sister; empty where nothing is.

    `words` are those of the question besides the model. In the same sentence what both share may stand once:
    "the T5 has 3 blades, the T7 has 6". So may it in the next: "Hose the T5 down. The T7 is wiped."
    """
    shared = {each: len(words.intersection(tokenize(text[each.start : each.end]))) for each in pieces}
    touched = _touched(pieces, spans[0])
    least = max(1, _ENOUGH * max(shared[each] for each in touched))
    units = {each.unit for each in touched}
    about_it = [each for each in pieces if asked & each.names]
    own = [each for each in about_it if each.unit in units or shared[each] >= least]
    own = own or [each for each in about_it if each.unit == max(units) + 1 and not each.is_row]
    if not own:
        return ()
    piece = max(own, key=lambda each: (each.unit in units, shared[each]))
    inside = (each for each in spans if piece.start <= each.start and each.end <= piece.end)
    near = (each for each in inside if each.score > spans[0].score - _NEAR)
    return tuple(near) or (_trimmed(text, piece.start, piece.end, spans[0].score),)
