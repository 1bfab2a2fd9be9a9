"""A question, read against the names that the manuals of an index have: of products, manuals and models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_core.asked.measures import with_measures
from qa_core.asked.product_codes import ProductCodes
from qa_core.named.aliases import Aliases
from qa_core.named.first_headings import names_in_first_headings
from qa_core.named.models import Models, NamedModels
from qa_core.named.near_models import NearModels
from qa_core.named.products import Products, Wanted, product_key
from qa_core.named.titles import Titles
from qa_core.named.versions import Versions
from qa_core.named.wording import Wording
from qa_core.spelling import Slip, Spelling
from qa_core.types import Manual, Passage


@dataclass(frozen=True, slots=True)
class NamedIn:
    """What a question names."""

    spelled: str  # the question with its codes and measures as the manuals write them
    wanted: frozenset[str]  # keys of the products asked for
    scope: frozenset[str]  # keys of the products that alone may answer; empty: all
    versions: frozenset[str]  # keys of the manuals' versions
    models: Mapping[str, NamedModels]  # by product's key
    manuals: frozenset[str]  # ids of those that are named by their titles
    words: frozenset[str]  # tokens that are but names


class Names:
    """The names that the manuals of an index have."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._wording = wording = Wording(passages)
        self._products = Products(passage.manual.product for passage in passages)
        self._titles, self._aliases = Titles(passages, wording), Aliases(passages, wording)
        self._first_headings = names_in_first_headings(passages)
        self._versions = Versions({passage.manual.id: passage.manual for passage in passages}.values())
        self._product_of_manual = {each.manual.id: product_key(each.manual.product) for each in passages}
        self._codes = ProductCodes(passages, self._products)
        self._models = Models(passages, wording, self._codes.is_fault)
        self._near_models = NearModels(passages, self._models, wording)
        self._spelling = Spelling(passages)

    @property
    def products(self) -> tuple[str, ...]:
        """The products, sorted."""
        return self._products.names

    def products_in(self, question: str, product: Wanted = None) -> tuple[str, ...]:
        """The products that a question names, of those whose manuals are asked, sorted."""
        scope, named = self._products.keys(product), self._named_in(question)
        return self._products.names_of(named if scope is None else named & scope)

    def open_to(self, question: str, product: Wanted = None) -> tuple[str, ...]:
        """The products that a question may be about, sorted; none where it names one or asks one alone."""
        scope = self._products.keys(product)
        asked = self.products if scope is None else self._products.names_of(scope)
        return asked if len(asked) > 1 and not self.products_in(question, product) else ()

    def read(self, question: str, product: Wanted = None) -> NamedIn:
        """What a question names; raises IndexingError for a product that no manual has."""
        wanted = self._wanted(question, product)
        spelled, manuals = self._spelled(question, wanted), self._titles.named_in(question)
        words = self._products.tokens(wanted) | self._aliases.models(wanted)
        return NamedIn(
            spelled=spelled,
            wanted=wanted,
            scope=self._products.keys(product) or self._sole_owner(question, wanted),
            versions=self._versions.named_in(question),
            models=self._models.named_in(spelled, wanted),
            manuals=frozenset(manuals),
            words=words.union(*manuals.values(), *self._aliases.named_in(question).values()),
        )

    def corrected(self, question: str) -> str:
        """The question with the manuals' words for its shorthand, its slips and models that it cuts short."""
        return self._near_models.corrected(self._spelling.corrected(question))

    def slips(self, question: str) -> tuple[Slip, ...]:
        """The question's words that are read as others: slips of the keyboard, and models cut short."""
        return (*self._spelling.slips(question), *self._near_models.read(question))

    def topic(self, question: str, product: Wanted = None) -> str:
        """The question without the models that it names: what most passages say, they say of all models."""
        return self._models.topic(question, self._wanted(question, product))

    def without_models(self, question: str, models: Mapping[str, NamedModels]) -> str:
        """The question without the models of these products."""
        return self._models.topic(question, models)

    def spell_out(self, question: str, product: Wanted = None) -> str:
        """The question as its words are searched: with its codes and measures as the manuals write them."""
        return self._spelled(question, self._wanted(question, product))

    def beside_title(self, passage: Passage) -> frozenset[str]:
        """The tokens of what a passage's manual is called in its first heading, if that has its title."""
        return self._first_headings.get(passage.manual.id, frozenset())

    def lacks(self, question: str, passage: Passage) -> bool:
        """Whether the question names a model, code or version that the passage's product does not have.

        Of a product that is not indexed here nothing is known.
        """
        key = product_key(passage.manual.product)
        codes = self._codes.of(key)
        if codes is None:
            return False
        versions = self._versions.lacking(question, passage.manual)
        lacks_version = bool(versions) and not any(map(codes.tell_of_version, versions))
        return lacks_version or codes.lack(question) or self._models.lacks(question, key)

    def is_of_sister(self, question: str, passage: Passage) -> bool:
        """Whether the question names, by their titles, other manuals of the passage's product alone."""
        named, product = self._titles.named_in(question), product_key(passage.manual.product)
        return passage.manual.id not in named and any(
            self._product_of_manual[manual] == product for manual in named
        )

    def is_of_version(self, manual: Manual, versions: frozenset[str]) -> bool:
        """Whether a manual is of one of these versions, and others of its product are not."""
        return bool(versions) and self._versions.is_one_of(manual, versions)

    def _spelled(self, question: str, wanted: frozenset[str]) -> str:
        return self._codes.as_written(with_measures(question), wanted)

    def _named_in(self, question: str) -> frozenset[str]:
        """Keys of the products that a question names by their marks or otherwise.

        Not of one that is called by a common word alone, where it names another: "the sensors of the Velora".
        """
        by_name, by_alias = self._products.named_in(question), self._aliases.named_in(question)
        named = by_name.union(by_alias, self._models.owners(question))
        return frozenset(key for key in named if len(named) == 1 or not self._is_common(key)) or named

    def _is_common(self, key: str) -> bool:
        """Whether a product's name is one word, and manuals of others have it in small letters."""
        manuals = self._wording.in_small_letters(key) if key.isalpha() else ()
        return any(self._product_of_manual[manual] != key for manual in manuals)

    def _sole_owner(self, question: str, wanted: frozenset[str]) -> frozenset[str]:
        """The key of the only product asked about, where a model of it is named that no other manual has."""
        return wanted if len(wanted) == 1 and wanted == self._models.owners(question) else frozenset()

    def _wanted(self, question: str, product: Wanted) -> frozenset[str]:
        """Keys of the products that are asked about; none where that is open."""
        scope, named = self._products.keys(product), self._named_in(question)
        return named if scope is None else (named & scope or scope)
