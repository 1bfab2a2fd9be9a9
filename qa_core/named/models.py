"""The models of a product that a question may name: "S22" beside an S11, "Nest Plus" beside a Nest.

Most of what a manual says holds for all its models, and names none. So a model's name is taken out of what is
searched for: "S22 mounting height" is answered by a section that has no S22, and a table with an S22 in its
head has no mounting height. With passages that have the name, all of the question is compared.

Models are the columns of a table that are called alike, the names of a title, and what stands behind a word
of the product's name, where there are several of one series: "Cassa 100" and "Cassa 300".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from qa_core.asked.amounts import is_counted, is_measured
from qa_core.asked.numbered_names import FAULT_KEY, STANDARDS, VARIANT_WORD, Code, codes_in
from qa_core.asked.row_cells import cells_of
from qa_core.asked.row_keys import FAULT_WORD
from qa_core.named.aliases import OF_MANUALS
from qa_core.named.products import product_key
from qa_core.named.wording import Wording
from qa_core.tokens import STOP_WORDS, tokenize
from qa_core.types import Manual, Passage
from qa_core.units import CELL_SEPARATOR

_Named = tuple[str, str]  # the letters that models of one series share, and a name

_PARTS = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|\+")
_LONG_NUMBER = re.compile(r"(?<![^\W_])\d{3,5}(?: [^\W\d_]{1,2})?$")
_ALONE = re.compile(r"(?<![^\W_])(?<!\d[.,/-])\d{3,5}[^\W\d_]{0,2}(?![^\W_]|[-.,/]\d)")
_NUMBER = r"\d{1,5}(?: ?[A-Z]{1,2}(?![^\W_]))?"
# "540E", "55 / 65", "S", "XL", "Plus".
_IN_SERIES = rf"{_NUMBER}(?: ?(?:,|/|and|or) ?{_NUMBER})*|X{{0,3}}[LS]|[A-Z]|{VARIANT_WORD}"
_MODEL = re.compile(rf"{_NUMBER}|[A-Z]\w*")
_SHORTEST = 3  # letters of a word with models behind it
_WORD = re.compile(r"[^\W_]+")
_SISTERS = re.compile(
    r"(?<![^\W_])(([A-Z][^\W\d_]+) [A-Z][^\W\d_]*)(?:,| and| or| &| /) (\2 [A-Z][^\W\d_]*)(?![^\W_])"
)
_BEHIND_OTHERS = re.compile(
    rf"\b(?:{FAULT_WORD}|menu|parameter|port|socket|step|page|position)s?[\s:#-]+$", re.I
)
_CAPITAL_BEHIND = re.compile(r" ([A-Z][^\W\d_]{2,})(?![^\W_])")
_OTHERS = re.compile(r"[,/(]| (?:and|or|&) |(?: \S+){3}")  # what a name of one model has not


@dataclass(frozen=True, slots=True)
class NamedModels:
    """The models of one product that a question names."""

    tokens: tuple[str, ...]  # of their names alone, sorted
    patterns: tuple[re.Pattern[str], ...]

    def are_in(self, passage: Passage) -> bool:
        """Whether a passage tells of one of them; the manual's title says nothing of that."""
        headings = (each for each in passage.section.heading_path if each != passage.manual.title)
        text = "\n".join((*headings, passage.text))
        return any(each.search(text) for each in self.patterns)


@dataclass(frozen=True, slots=True)
class _Model:
    name: str  # in small letters, its parts apart: "tr 80"
    pattern: re.Pattern[str]  # the name in any spelling
    number: str | None  # a long one, in small letters: it says by itself which model is meant


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a question names a model, or several of one number."""

    start: int
    end: int
    models: tuple[_Model, ...]

    def is_apart(self, others: Iterable[_Place]) -> bool:
        return all(self.end <= each.start or each.end <= self.start for each in others)


class Models:
    """The models of every product of an index."""

    def __init__(
        self, passages: Sequence[Passage], wording: Wording, is_fault: Callable[[str, str], bool]
    ) -> None:
        """`is_fault` tells whether a name is the code of a fault of a product, by its key."""
        own: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            own[product_key(passage.manual.product)].append(passage)
        self._wording = wording
        self._manuals = {key: frozenset(each.manual.id for each in texts) for key, texts in own.items()}
        self._models: dict[str, tuple[_Model, ...]] = {}  # by product, the longest names first
        for key, texts in own.items():
            names = (name for name in _names(texts) if not is_fault(key, name))
            if longest_first := sorted(names, key=lambda name: (-len(name), name)):
                self._models[key] = tuple(map(_model, longest_first))

    @property
    def names(self) -> frozenset[str]:
        """All models' names in small letters, their parts apart: "bx 40 w"."""
        return frozenset(model.name for own in self._models.values() for model in own)

    def topic(self, question: str, keys: Iterable[str]) -> str:
        """The question without the models of these products; all of it where that leaves nothing."""
        places: list[_Place] = []
        for key in keys:
            places += [each for each in self._places(question, key) if each.is_apart(places)]
        topic = question
        for each in sorted(places, key=lambda place: -place.start):
            topic = f"{topic[: each.start]} {topic[each.end :]}"
        return " ".join(topic.split()) if tokenize(topic) else question

    def named_in(self, question: str, keys: Iterable[str]) -> Mapping[str, NamedModels]:
        """The models of these products that a question names, by the products' keys."""
        asked, named = frozenset(tokenize(question)), {}
        for key in keys:
            patterns = [model.pattern for each in self._places(question, key) for model in each.models]
            if patterns:
                tokens = asked.difference(tokenize(self.topic(question, [key])))
                named[key] = NamedModels(tuple(sorted(tokens)), tuple(patterns))
        return named

    def lacks(self, question: str, key: str) -> bool:
        """Whether a question names a product's model with a word of another one's behind it: "S11 Socket".

        Written as a name is: "the S11 socket" may be the socket of the S11.
        """
        words = _words_behind({model.name for model in self._models.get(key, ())})
        behind = (
            (place.models[0].name, found[1].casefold())
            for place in self._in_full(question, key)
            if (found := _CAPITAL_BEHIND.match(question, place.end))
        )
        return any(word in words and not self._wording.in_any_case(f"{name} {word}") for name, word in behind)

    def owners(self, question: str) -> frozenset[str]:
        """The keys of the products with a model that a question has in full, and no other manuals have."""
        return frozenset(
            key
            for key, manuals in self._manuals.items()
            for place in self._in_full(question, key)
            if all(self._wording.in_any_case(model.name) <= manuals for model in place.models)
        )

    def _places(self, question: str, key: str) -> list[_Place]:
        """Where a question names a product's models, in full or by a long number."""
        found = self._in_full(question, key)
        models = self._models.get(key, ())
        for match in _ALONE.finditer(question) if models else ():
            number = match[0].casefold()
            place = _Place(*match.span(), tuple(each for each in models if each.number == number))
            is_amount = is_counted(question, place.end)
            if (
                place.models
                and place.is_apart(found)
                and not is_amount
                and not is_of_others(question, place.start)
            ):
                found.append(place)
        return found

    def _in_full(self, question: str, key: str) -> list[_Place]:
        found: list[_Place] = []
        for model in self._models.get(key, ()):
            for match in model.pattern.finditer(question):
                place = _Place(*match.span(), (model,))
                is_amount = " " in match[0] and is_measured(question, place.end)
                if place.is_apart(found) and not is_amount and not is_of_others(question, place.start):
                    found.append(place)
        return found


def _words_behind(names: Iterable[str]) -> frozenset[str]:
    """The words that some of these models have behind the name of another: "socket"."""
    names = frozenset(names)
    words = (name.rpartition(" ") for name in names)
    return frozenset(word for before, _, word in words if before in names and word.isalpha())


def is_of_others(question: str, start: int) -> bool:
    """Whether a word before a name that starts there makes it something else: "error S11"."""
    return _BEHIND_OTHERS.search(question[:start]) is not None


def _names(passages: Sequence[Passage]) -> frozenset[str]:
    """What a product's models are called: of each series of names where there are several.

    What the product itself is called is told by its name; see `Products`.
    """
    product = frozenset(_PARTS.findall(passages[0].manual.product.casefold()))
    manuals = {passage.manual.id: passage.manual for passage in passages}.values()
    words = frozenset(word for each in manuals for word in _words_of(each))
    series: dict[str, set[str]] = defaultdict(set)
    heads = {head for passage in passages for head in _heads(passage.text)}
    found = [_in_title(f"{each.title}\n{each.product}", words) for each in manuals]
    found += [_behind_names(passages, words), *(_alike(head, words) for head in heads)]
    for letters, name in chain.from_iterable(found):
        series[letters].add(" ".join(_PARTS.findall(name.casefold())))
    names = (name for own in series.values() if len(own) > 1 for name in own)
    return frozenset(name for name in names if not product.issuperset(name.split()))


def _words_of(manual: Manual) -> Iterator[str]:
    words = (word.casefold() for word in _WORD.findall(f"{manual.title} {manual.product}"))
    yield from (word for word in words if word not in STOP_WORDS | OF_MANUALS)


def _behind_names(passages: Iterable[Passage], words: frozenset[str]) -> Iterator[_Named]:
    """What stands behind a word of the product's name: "Cassa 100 and 300", "Lyr R"."""
    first = [word for word in words if word.isalpha() and len(word) >= _SHORTEST]
    pattern = re.compile(rf"(?<![^\W_])(?i:({'|'.join(first)})) ({_IN_SERIES})(?![\w'’-]|[.,]\d)")
    for text in (passage.headed_text for passage in passages if first):
        for found in pattern.finditer(text):
            if not (found[2][-1].isdigit() and is_counted(text, found.end())):
                yield from ((found[1].casefold(), f"{found[1]} {each}") for each in _MODEL.findall(found[2]))


def _heads(text: str) -> Iterator[tuple[str, ...]]:
    """The names of the columns of each row."""
    for line in text.split("\n") if CELL_SEPARATOR in text else ():
        names = tuple(name for cell in cells_of(line) if (name := cell.name(line)))
        if len(names) > 1:
            yield names


def _alike(names: Iterable[str], words: frozenset[str]) -> Iterator[_Named]:
    """The names of a row's columns that may be models': two at least share their letters or first word."""
    series: dict[str, set[str]] = defaultdict(set)
    for name in names:
        first = name.split(" ")[0].casefold()
        if first in words:
            series[first].add(name)
        for code in _coded(name, words):
            series[code.key].update((name[code.start : code.end], name[code.start :]))
    for letters, own in series.items():
        if len(own) > 1:
            yield from ((letters, name) for name in own if not _OTHERS.search(name))


def _in_title(title: str, words: frozenset[str]) -> Iterator[_Named]:
    """The names with a number, and those of two words of which there are several: "Lyr R and Lyr M"."""
    yield from ((code.key, title[code.start : code.end]) for code in _coded(title, words))
    for one, letters, other in _SISTERS.findall(title):
        yield from ((letters.casefold(), each) for each in (one, other))


def _coded(text: str, words: frozenset[str]) -> Iterator[Code]:
    """The names with a number that may be models'."""
    for code in codes_in(text):
        is_name = (code.is_capital and code.key not in STANDARDS) or code.key in words
        if is_name and not code.is_loose and code.key != FAULT_KEY and code.key not in STOP_WORDS - {"s"}:
            yield code


def _model(name: str) -> _Model:
    """The model of a name whose parts are apart: "tr 80", which may be spelled TR80."""
    parts = name.split(" ")
    between = "-?" if parts[0] in STOP_WORDS else r"[\W_]{0,2}"
    joined = between.join(map(re.escape, parts))
    pattern = re.compile(rf"(?<![^\W_]){joined}(?:['’]s)?(?![^\W_]|[.,]\d)", re.IGNORECASE)
    number = _LONG_NUMBER.search(name)
    return _Model(name, pattern, number[0].replace(" ", "") if number else None)
