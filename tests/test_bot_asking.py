"""Which products are asked, and when the bot declines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from fakes_bot import answer, declined

from bot.questions.asking import Answered, Asking, ProductsGoneError, ask, product_in_view
from bot.questions.channels import ChannelConfig
from bot.questions.posts import Thread
from qa_core.types import Answer, Passage

EVERYWHERE = ChannelConfig("C1")
SURE = replace(answer(question="q"), confidence=0.6)


@dataclass
class Engine:
    """Answers as it is told to; what it is not told, the manuals do not say."""

    answers: dict[str, Answer] = field(default_factory=dict)
    only_when_asked: object = ()  # the products asked for when it answers; empty: whichever
    asked: list[tuple[str, object, bool]] = field(default_factory=list)
    products: tuple[str, ...] = ("Folio 540DN", "Meridio 300", "PowerHold 2200")
    release: str = "r1"
    threshold: float = 0.5
    passages: tuple[Passage, ...] = ()

    def ask(self, question: str, product: object = None, decline: bool = True) -> Answer:
        self.asked.append((question, product, decline))
        is_found = self.only_when_asked in ((), product)
        return self.answers[question] if question in self.answers and is_found else declined(question)


def test_a_product_that_somebody_chose_is_asked_alone() -> None:
    engine = Engine()
    config = replace(EVERYWHERE, products=("Folio 540DN",))
    answered = ask(engine, Asking("q", config, thread(), product="PowerHold 2200"))
    assert engine.asked == [("q", ("PowerHold 2200",), True)]
    assert answered.product == "PowerHold 2200"


def thread(product: str | None = "Meridio 300") -> Thread:
    return Thread("C1", "1.0", "U1", "How do I descale it?", product)


def test_a_channel_without_products_asks_all_manuals() -> None:
    engine = Engine({"Why?": SURE})

    answered = ask(engine, Asking("Why?", EVERYWHERE))

    assert answered == Answered(SURE, None)
    assert engine.asked == [("Why?", None, True)]


def test_a_channels_products_alone_are_asked() -> None:
    engine = Engine()

    one = ask(engine, Asking("Why?", ChannelConfig("C1", ("Meridio 300",))))
    several = ask(engine, Asking("Why?", ChannelConfig("C1", ("Meridio 300", "gone", "Folio 540DN"))))

    assert (one.product, several.product) == ("Meridio 300", None)
    assert [product for _, product, _ in engine.asked] == [("Meridio 300",), ("Meridio 300", "Folio 540DN")]


def test_a_product_that_is_gone_is_not_replaced_by_all_others() -> None:
    engine = Engine()

    with pytest.raises(ProductsGoneError, match=r"manuals of Zephyr and gone, and none of them is"):
        ask(engine, Asking("Why?", ChannelConfig("C1", ("Zephyr", "gone"))))

    assert engine.asked == []


def test_a_channels_product_is_asked_however_the_manuals_of_now_write_it() -> None:
    engine = Engine()

    ask(engine, Asking("Why?", ChannelConfig("C1", ("MERIDIO 300", "Folio 540DN"))))

    assert engine.asked == [("Why?", ("MERIDIO 300", "Folio 540DN"), True)]


@pytest.mark.parametrize(("threshold", "answers"), [(0.5, True), (0.6, True), (0.61, False)])
def test_the_channels_threshold_decides(threshold: float, answers: bool) -> None:
    engine = Engine({"Why?": SURE})

    found = ask(engine, Asking("Why?", ChannelConfig("C1", threshold=threshold))).answer

    assert engine.asked == [("Why?", None, False)]
    assert (found.answered, found.threshold, found.shown is None) == (answers, threshold, not answers)


def test_a_follow_up_stays_with_its_product() -> None:
    engine = Engine({"Where is the water filter sold?": SURE})

    answered = ask(engine, Asking("Where is the water filter sold?", EVERYWHERE, thread()))

    assert answered.product == "Meridio 300"
    assert engine.asked == [("Where is the water filter sold?", ("Meridio 300",), True)]


def test_a_follow_up_can_turn_to_another_product() -> None:
    engine = Engine()

    answered = ask(engine, Asking("and on the 540DN?", EVERYWHERE, thread()))

    assert answered.product == "Folio 540DN"
    assert engine.asked == [("How do I descale it?", ("Folio 540DN",), True)]


def test_a_follow_up_does_not_leave_the_channels_products() -> None:
    engine = Engine()
    config = ChannelConfig("C1", ("PowerHold 2200",))

    ask(engine, Asking("Where is the water filter sold?", config, thread("Meridio 300")))

    assert engine.asked == [("Where is the water filter sold?", ("PowerHold 2200",), True)]


JAM = "And how do I clear a paper jam on the printer?"


@pytest.mark.parametrize("products", [(), ("Folio 540DN", "Meridio 300")])
def test_what_the_threads_product_does_not_answer_is_asked_of_all_manuals(products: tuple[str, ...]) -> None:
    engine = Engine({JAM: SURE}, only_when_asked=products or None)

    answered = ask(engine, Asking(JAM, ChannelConfig("C1", products), thread()))

    assert answered == Answered(SURE, None)
    assert [product for _, product, _ in engine.asked] == [("Meridio 300",), products or None]


def test_what_no_manual_answers_is_not_said_of_the_threads_product_alone() -> None:
    engine = Engine()

    answered = ask(engine, Asking(JAM, EVERYWHERE, thread()))

    assert answered == Answered(declined(JAM), None)


@pytest.mark.parametrize("text", ["How long does it take?", "And E05?", "And the filter?"])
def test_what_needs_the_thread_is_asked_of_its_product_alone(text: str) -> None:
    engine = Engine()

    answered = ask(engine, Asking(text, EVERYWHERE, thread()))

    assert answered.product == "Meridio 300"
    assert {product for _, product, _ in engine.asked} == {("Meridio 300",)}


def test_a_channel_of_one_product_is_asked_once() -> None:
    engine = Engine()

    answered = ask(engine, Asking(JAM, ChannelConfig("C1", ("Meridio 300",)), thread()))

    assert answered.product == "Meridio 300"
    assert engine.asked == [(JAM, ("Meridio 300",), True)]


def test_the_second_way_to_put_a_follow_up_is_tried_when_the_first_finds_nothing() -> None:
    engine = Engine({"How long does it take?": SURE})

    answered = ask(engine, Asking("How long does it take?", EVERYWHERE, thread()))

    assert answered.answer == SURE
    assert len(engine.asked) == 2


def test_the_product_in_view_is_that_asked_for_or_that_of_the_answer() -> None:
    products = Engine().products

    assert product_in_view(Answered(SURE, "Folio 540DN"), products) == "Folio 540DN"
    assert product_in_view(Answered(SURE, None), products) == "Meridio 300"
    assert product_in_view(Answered(declined("Is the 2200 loud?"), None), products) == "PowerHold 2200"
    assert product_in_view(Answered(declined("Is it loud?"), None), products) is None
