"""What a question names, of all that the manuals have names for."""

from __future__ import annotations

import pytest

from qa_core.named.names import Names
from qa_core.types import Manual, Passage, Section


def passage(product: str, text: str, title: str = "") -> Passage:
    manual = Manual(product, "/manuals", f"{product}.md", title or product, product, None, None, "d")
    return Passage(f"{product} {text}", manual, Section(("Use",), text), 0, len(text))


SENSORS = passage("Sensors", "Mount them in the pipe.", "Tarvo BT pressure sensors")
ROBOT = passage("Velora robot", "Wipe the Velora and its sensors with a dry cloth.")
SCANNERS = passage("Scanners", "Property: Reach | KX20: 2 m | KX40W: 4 m")
KILN = passage("Kilns", "Open the lid.")


@pytest.mark.parametrize(
    ("question", "products"),
    [
        ("how do I clean the sensors of the velora robot", ("Velora robot",)),
        ("sensors of the Velora", ("Velora robot",)),
        ("how do I mount the sensors", ("Sensors",)),
        ("kilns and the Velora", ("Kilns", "Velora robot")),  # no other manual speaks of kilns
    ],
)
def test_a_common_word_names_no_product_beside_the_name_of_another(
    question: str, products: tuple[str, ...]
) -> None:
    assert Names((SENSORS, ROBOT, SCANNERS, KILN)).products_in(question) == products


def test_a_model_of_one_product_alone_keeps_to_it() -> None:
    names = Names((SENSORS, ROBOT, SCANNERS))
    assert names.read("reach of the KX20").scope == {"scanners"}
    assert names.read("reach of the KX20 and the Velora robot").scope == frozenset()
    assert names.read("reach of the scanners").scope == frozenset()
