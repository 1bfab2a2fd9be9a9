"""Asking the engine as a channel and a thread want it: which products, which threshold, what was meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.questions.followups import named_product, understand
from bot.render.answers import listed
from qa_core.errors import ManualbotError
from qa_core.named.products import if_indexed

if TYPE_CHECKING:
    from bot.engines import Asked
    from bot.questions.channels import ChannelConfig
    from bot.questions.posts import Thread
    from qa_core.types import Answer


class ProductsGoneError(ManualbotError):
    """A channel's products have no manuals any more."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question with what is known about where it was asked."""

    text: str
    config: ChannelConfig
    thread: Thread | None = None  # in which it follows up
    product: str | None = None  # whose manuals alone are asked, as somebody chose


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the product that was asked about, where it was one."""

    answer: Answer
    product: str | None


def ask(engine: Asked, asking: Asking) -> Answered:
    """The answer, declined below the channel's threshold.

    A follow-up stays with its thread's product unless it names another one. Where that product's manuals do
    not say, a question that is complete in itself is asked of all the channel's manuals: it may be about
    another product. Raises ProductsGoneError, and DataError and IndexingError as the engine does.
    """
    if asking.product is not None:
        return Answered(_ask(engine, asking, asking.text, (asking.product,)), asking.product)
    scope = _scope(asking.config.products, engine.products)
    if asking.thread is None:
        return Answered(_ask(engine, asking, asking.text, scope), scope[0] if len(scope) == 1 else None)
    within = scope or engine.products
    meant = understand(asking.text, asking.thread.question, asking.thread.product, within)
    product = meant.product if meant.product in within else None
    asked = (product,) if product else scope
    answers = []
    for question in meant.questions:
        answers.append(_ask(engine, asking, question, asked))
        if answers[-1].answered:
            break
    answer = answers[-1] if answers[-1].answered else answers[0]
    if meant.is_complete and asked != scope and not answer.answered:
        asked, answer = scope, _ask(engine, asking, asking.text, scope)
    return Answered(answer, asked[0] if len(asked) == 1 else None)


def product_in_view(answered: Answered, products: Sequence[str]) -> str | None:
    """The product that the talk is about after an answer; None where that is open."""
    if answered.product:
        return answered.product
    if answered.answer.answered:
        return answered.answer.hits[0].passage.manual.product
    return named_product(answered.answer.question, products)


def _scope(wanted: tuple[str, ...], known: Sequence[str]) -> tuple[str, ...]:
    """The channel's products that there still are, however the manuals write them now.

    Raises ProductsGoneError if there are none: those of other products are not what the channel wants.
    """
    found = tuple(product for product in wanted if if_indexed(product, known))
    if wanted and not found:
        raise ProductsGoneError(
            f"This channel is set to the manuals of {listed(wanted)}, and none of them is indexed any more. "
            "Administrators choose others with /manual config."
        )
    return found


def _ask(engine: Asked, asking: Asking, question: str, products: tuple[str, ...]) -> Answer:
    threshold = asking.config.threshold
    if threshold is None:
        return engine.ask(question, products or None)
    answer = replace(engine.ask(question, products or None, decline=False), threshold=threshold)
    return answer if answer.confidence >= threshold else replace(answer, span=None, shown=None)
