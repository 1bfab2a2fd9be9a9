"""Which products a question names."""

from __future__ import annotations

import pytest

from qa_core.products import Products

PRODUCTS = Products(("MODEL88", "Galaxy S9", "Quillon QX-7"))
SISTERS = Products(("Calvero Trail 5", "Calvero Trail 5 Plus", "Netvia RX-300", "Borlan Set 2", "Borlan E4"))


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("F3 on the Model 88", {"model88"}),
        ("What does the MODEL88 weigh?", {"model88"}),
        ("My Galaxy S 9 is hot", {"galaxy s9"}),
        ("Is the quillon qx7 waterproof?", {"quillon qx-7"}),
        ("Which model weighs 88 kg?", set()),
        ("Galaxy: press S, then 9", set()),
    ],
)
def test_a_model_s_number_may_stand_apart_from_its_name(question: str, named: set[str]) -> None:
    assert PRODUCTS.named_in(question) == named


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Range of the Trail 5?", {"calvero trail 5"}),
        ("Range of the trail5 plus?", {"calvero trail 5 plus"}),
        ("Range of the Calvero Trail 5?", {"calvero trail 5"}),
        ("Trail 5.5?", set()),
        ("Trail of 5 km", set()),
        ("reset the rx300", {"netvia rx-300"}),
        ("reset the RX 300", {"netvia rx-300"}),
        ("Set it to 2 degrees", set()),
        ("E4 on the display", set()),  # as likely an error as the model
    ],
)
def test_a_model_is_known_without_its_maker(question: str, named: set[str]) -> None:
    assert SISTERS.named_in(question) == named
