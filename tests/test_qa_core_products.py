"""Which products a question names."""

from __future__ import annotations

import pytest

from qa_core.products import Products

PRODUCTS = Products(("MODEL88", "Galaxy S9", "Quillon QX-7"))


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
