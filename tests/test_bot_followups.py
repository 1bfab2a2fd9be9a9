"""What a question means in a thread that is about something."""

from __future__ import annotations

import pytest

from bot.questions.followups import Meant, named_product, understand
from qa_core.named.products import Products

PRODUCTS = ("Folio 540DN", "Meridio 300", "PowerHold 2200")
EARLIER = "How often do I descale the Meridio 300?"


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("Is there a fan in the PowerHold 2200?", "PowerHold 2200"),
        ("and on the 540DN?", "Folio 540DN"),
        ("and the 2200", "PowerHold 2200"),
        ("Folio 540DN or Meridio 300?", None),
        ("the folio?", None),  # a word alone may mean something else
        ("Is it loud?", None),
        ("is 300 ml enough", None),
        ("can it hold 2200 sheets", None),
    ],
)
def test_a_product_is_known_by_its_name_or_its_number(text: str, product: str | None) -> None:
    assert named_product(text, PRODUCTS) == product


def test_another_product_gets_the_earlier_question() -> None:
    meant = understand("and on the 540DN?", EARLIER, "Meridio 300", PRODUCTS)

    assert meant == Meant(("How often do I descale the Folio 540DN",), "Folio 540DN")


def test_what_leans_on_the_earlier_question_is_asked_together_with_it() -> None:
    meant = understand("How long does it take?", EARLIER, "Meridio 300", PRODUCTS)

    assert meant == Meant((f"{EARLIER} How long does it take?", "How long does it take?"), "Meridio 300")


def test_what_says_enough_keeps_the_product_and_nothing_else() -> None:
    text = "Where is the water filter sold?"

    meant = understand(text, EARLIER, "Meridio 300", PRODUCTS)

    assert meant == Meant((text,), "Meridio 300", is_complete=True)


def test_a_short_question_is_asked_alone_first() -> None:
    text = "Which descaling tablets?"

    meant = understand(text, EARLIER, "Meridio 300", PRODUCTS)

    assert meant.questions == (text, f"{EARLIER} {text}")


def test_without_an_earlier_question_only_the_product_is_kept() -> None:
    assert understand("and why?", "", "Meridio 300", PRODUCTS) == Meant(("and why?",), "Meridio 300")


SISTERS = ("Calvero Trail 5", "Calvero Trail 5 Plus", "Mossi X1 mower", "Mossi X2 mower")


@pytest.mark.parametrize(
    ("text", "earlier", "question", "product"),
    [
        ("and on the Plus?", "Range of the Trail 5?", "Range of the Calvero Trail 5 Plus", SISTERS[1]),
        ("and the X2?", "blade speed mossi x1", "blade speed Mossi X2 mower", SISTERS[3]),
        ("and for v2?", "How many rules on v1?", "How many rules on v2?", "Mossi X1 mower"),
        ("and version 2.0", "How many rules?", "How many rules? version 2.0", "Mossi X1 mower"),
        ("and E05?", "What does E04 mean?", "What does E05 mean?", "Mossi X1 mower"),
        ("and the X3?", "blade speed mossi x1", "blade speed mossi X3", "Mossi X1 mower"),
    ],
)
def test_a_model_version_or_code_alone_takes_the_place_of_the_earlier_one(
    text: str, earlier: str, question: str, product: str
) -> None:
    assert understand(text, earlier, "Mossi X1 mower", SISTERS) == Meant((question,), product)


def test_a_code_in_other_words_is_a_question_of_its_own() -> None:
    text = "How do I clear E05 by hand?"

    meant = understand(text, "What does E04 mean?", "Folio 540DN", PRODUCTS)

    assert meant == Meant((text,), "Folio 540DN", is_complete=True)


@pytest.mark.parametrize(
    ("text", "is_complete"),
    [
        ("Paper is stuck at E-5 on the printer. How do they get it out?", True),
        ("and how do I clear a paper jam on the printer?", True),
        ("Where on the Folio 540DN is the paper jam cleared?", False),  # it names what it is about
        ("and on the 540DN?", False),
        ("How long does it take?", False),
        ("And the filter?", False),
        ("and E05?", False),
        ("and HD-7710?", False),
        ("How often is its water filter replaced?", False),
        ("If the printer jams, how is it cleared?", True),
    ],
)
def test_a_question_is_complete_that_needs_nothing_of_the_thread(text: str, is_complete: bool) -> None:
    assert understand(text, "What does E04 mean?", "PowerHold 2200", PRODUCTS).is_complete is is_complete


def test_the_names_of_the_products_are_looked_at_once_however_much_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[tuple[str, ...]] = []

    def look(names: tuple[str, ...]) -> Products:
        looked_at.append(names)
        return Products(names)

    monkeypatch.setattr("bot.questions.followups.Products", look)
    products = [f"Orvo {number}" for number in range(700, 1000)]

    meant = [understand(f"and on the {name}?", EARLIER, "Orvo 701", products) for name in products[:3]]

    assert [each.product for each in meant] == products[:3]
    assert looked_at == [tuple(products)]
