"""Models that a word tells apart."""

from __future__ import annotations

import pytest

from qa_core.asked.codes import Codes, WrittenCodes
from qa_core.asked.variants import Variants

LOCKS = [("Cells", "Tovo Home takes four cells, Tovo Plus a pack."), ("Lock Pro", "Sold apart.")]


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("Tovo Mini battery life", True),
        ("battery life of the tovo mini", True),
        ("does the Tovo Mini last as long as the Tovo Plus", False),  # one of them is there
        ("battery life of the Tovo Plus", False),
        ("Tovo Home battery life", False),
        ("tovo max load", False),
        ("Tovo Max battery life", True),
        ("Tovo Pro battery life", False),  # which they may have
        ("Velon Mini battery life", False),  # no series of theirs
    ],
)
def test_a_model_is_lacking_where_its_series_has_others(question: str, is_lacking: bool) -> None:
    assert Variants(LOCKS, frozenset({"zeln", "tovo"})).lack(question) is is_lacking
    assert Codes("Zeln Tovo", ["Zeln Tovo"], LOCKS, WrittenCodes(LOCKS)).lack(question) is is_lacking
