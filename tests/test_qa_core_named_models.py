"""The models of a product, where a question names them."""

from __future__ import annotations

import pytest

from qa_core.named.models import Models
from qa_core.named.wording import Wording
from qa_core.types import Manual, Passage, Section


def passage(product: str, text: str, title: str = "", heading: str = "Use") -> Passage:
    title = title or f"{product} manual"
    manual = Manual(product, "/manuals", f"{product}.md", title, product, None, None, "d")
    return Passage(f"{product} {text}", manual, Section((title, heading), text), 0, len(text))


def models(*passages: Passage, faults: frozenset[str] = frozenset()) -> Models:
    return Models(passages, Wording(passages), lambda _key, name: name in faults)


SPECIFICATIONS = "Property: Fuse | R11: 16 A | R22: 32 A | R22 Socket: 32 A"
BOXES = passage("Wallboxes", SPECIFICATIONS, "Torvik R11 and R22")
PRINTERS = passage("Printers", "Item: Nozzle | Nido: 250 °C | Nido Plus: 300 °C", "Plast Nido printer")
TILLS = passage("Tills", "The Kaza 100 has no tables. The Kaza 300 has 99.", "Ternby Kaza")
AIDS = passage("Hearing aids", "Charge it at night.", "Sonva Lyr R and Lyr M")
SENSORS = passage("Sensors", "Property: Output | BT 310: 4 mA | BT 320: 20 mA")
ALL = models(BOXES, PRINTERS, TILLS, AIDS, SENSORS)


@pytest.mark.parametrize(
    ("question", "product", "topic"),
    [
        ("R22 mounting height", "wallboxes", "mounting height"),
        ("how do I clean the r 22 socket", "wallboxes", "how do I clean the"),
        ("is the r22's cable fixed", "wallboxes", "is the cable fixed"),
        ("swap nozzle nido plus", "printers", "swap nozzle"),
        ("change the paper of a Kaza 300", "tills", "change the paper of a"),
        ("wash the lyr m", "hearing aids", "wash the"),
        ("how often is the 320 calibrated", "sensors", "how often is the calibrated"),
        # Neither an amount, nor what another word makes it, nor another product's.
        ("320 mA at the output", "sensors", "320 mA at the output"),
        ("a length of 320 metres", "sensors", "a length of 320 metres"),
        ("error R22", "wallboxes", "error R22"),
        ("fuse of the R23", "wallboxes", "fuse of the R23"),
        ("R22 mounting height", "tills", "R22 mounting height"),
        ("R22", "wallboxes", "R22"),  # nothing would be left
    ],
)
def test_the_topic_of_a_question_is_without_the_models_that_it_names(
    question: str, product: str, topic: str
) -> None:
    assert ALL.topic(question, [product]) == topic


@pytest.mark.parametrize(
    "text",
    [
        "Cause: No water | Remedy: Open the tap",
        "Pool: pH | 15 m³: 80 g | 30 m³: 160 g",
        "Paper: A4 | Tray 1: yes | Tray 2: no",
        "Port: Sound | USB 2: no | USB 3: yes",
        "Motor M-12 and nothing else.",
    ],
)
def test_columns_of_other_things_and_a_lone_name_are_no_models(text: str) -> None:
    question = "remedy for 30 m³, tray 2, USB 3 and M-12"
    assert models(passage("Pumps", text, "Pump manual M-12")).topic(question, ["pumps"]) == question


def test_the_product_itself_is_no_model_of_its() -> None:
    own = models(passage("Zeno GW 60", "Item: Pumps | GW 60: 1 | GW 60 S: 2"))
    assert own.topic("pumps of the GW 60", ["zeno gw 60"]) == "pumps of the GW 60"
    assert own.topic("pumps of the GW 60 S", ["zeno gw 60"]) == "pumps of the"


def test_the_code_of_a_fault_is_no_model() -> None:
    table = passage("Pumps", "State: Lamp | E1: red | E2: green")
    assert models(table).topic("lamp at E2", ["pumps"]) == "lamp at"
    assert models(table, faults=frozenset({"e 2"})).topic("lamp at E2", ["pumps"]) == "lamp at E2"


def test_the_named_models_are_found_in_passages_but_not_by_the_manual_s_title() -> None:
    [named] = ALL.named_in("R22 mounting height", ["wallboxes", "tills"]).values()
    assert named.tokens == ("22", "r22")
    assert named.are_in(BOXES)
    assert named.are_in(passage("Wallboxes", "Only for the R 22."))
    assert not named.are_in(passage("Wallboxes", "Mount it 1 m above the floor.", BOXES.manual.title))


def test_a_bare_number_means_all_models_that_have_it() -> None:
    names = "Property: Output | BT 310: 4 mA | BT 320: 20 mA"
    [named] = ALL.named_in("what output does the 320 have", ["sensors"]).values()
    assert named.are_in(passage("Sensors", names))
    assert not named.are_in(passage("Sensors", "The BT 310 is older."))


def test_a_model_names_its_product_where_no_other_manual_has_it() -> None:
    assert ALL.owners("R22 mounting height") == {"wallboxes"}
    assert ALL.owners("nozzle of the nido plus") == {"printers"}
    shared = models(BOXES, passage("Cars", "Charge it at an R22."))
    assert shared.owners("R22 mounting height") == frozenset()


def test_a_name_that_two_products_have_is_taken_out_once() -> None:
    two = models(BOXES, passage("Cars", SPECIFICATIONS))
    assert two.topic("R22 mounting height and more", ["wallboxes", "cars"]) == "mounting height and more"


def test_a_name_with_an_s_belongs_to_no_product_either_where_two_have_it() -> None:
    shared = models(BOXES, passage("Cars", "Charge it at an R22."))
    assert shared.owners("the R22's mounting height") == frozenset()
    assert ALL.owners("the R22's mounting height") == {"wallboxes"}


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("fuse of the R11 Socket", True),
        ("R11 Socket: which fuse", True),
        ("fuse of the R22 Socket", False),
        ("fuse of the R11", False),
        ("where is the R11 socket", False),  # the socket of the R11
        ("fuse of the R11 Box", False),  # a word that no model has
        ("error R11 Socket", False),
    ],
)
def test_a_model_with_the_word_of_another_one_behind_it_is_none(question: str, is_lacking: bool) -> None:
    assert ALL.lacks(question, "wallboxes") == is_lacking


def test_a_model_with_a_word_that_the_manuals_have_behind_it_is_there() -> None:
    told = models(BOXES, passage("Wallboxes", "The R11 socket is on the left."))
    assert not told.lacks("fuse of the R11 Socket", "wallboxes")
