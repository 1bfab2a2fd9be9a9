"""Models that a word or a letter tells apart."""

from __future__ import annotations

import pytest

from qa_core.asked.codes import Codes
from qa_core.asked.variants import Variants
from qa_core.asked.written_codes import WrittenCodes

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


NUMBERED = [("Sizes", "The ZK 20 and the ZK 30 differ; the ZK 30 Pro has a lid, plus two lamps.")]


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("weight of the ZK 20 Plus", True),
        ("zk30 mini weight", True),
        ("weight of the ZK 30 Pro", False),
        ("ZK 20 Pro weight", False),  # which they may have
        ("zk 20 plus zk 30 weight", False),
        ("weight of the ZK 20", False),
        ("USB 3 Plus", False),
    ],
)
def test_a_numbered_model_may_go_on_with_a_word(question: str, is_lacking: bool) -> None:
    assert Codes("Kelm", ["Kelm"], NUMBERED, WrittenCodes(NUMBERED)).lack(question) is is_lacking


LETTERED = [("Models", "The Tovo M is worn behind the ear, the Tovo R in it."), ("Care", "Dry the Tovo M.")]


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("Tovo T battery life", True),
        ("battery life of the tovo T", True),
        ("battery life of the Tovo M", False),
        ("is the Tovo T smaller than the Tovo R", False),  # one of them is there
        ("the Tovo I bought", False),
        ("Tovo C-clip", False),
        ("Velon T battery life", False),  # no series of theirs
    ],
)
def test_a_letter_tells_models_of_a_series_apart(question: str, is_lacking: bool) -> None:
    assert Variants(LETTERED, frozenset({"tovo"})).lack(question) is is_lacking
    assert not Variants(LETTERED[1:], frozenset({"tovo"})).lack(question)  # of one nothing is known


def test_sizes_are_letters_of_a_series_too() -> None:
    sizes = Variants([("Sizes", "Wear the Tovo S or the Tovo XL with straps.")], frozenset({"tovo"}))
    assert sizes.lack("Tovo XXL straps")
    assert sizes.lack("Tovo L straps")
    assert not sizes.lack("Tovo XL straps")


PLANS = [("Plans", "Seats | Solo: 1 | Duo: 2 | Office: 20"), ("Other", "A family pays less.")]


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("seats in the Campus plan", True),
        ("seats in the Office plan", False),
        ("seats of the Family plan", False),  # of which something is said
        ("seats in the Campus edition", False),  # nothing is called so
        ("Seats plan", False),
        ("seats in the Campus and the Solo plan", False),
        ("seats in the campus plan", False),  # which may be a word like any other
    ],
)
def test_a_plan_that_is_nowhere_named_is_lacking(question: str, is_lacking: bool) -> None:
    assert Variants(PLANS, frozenset()).lack(question) is is_lacking
