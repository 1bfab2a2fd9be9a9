"""The figures, against values worked out by hand and laws that hold for all texts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.measuring.metrics import (
    auroc,
    best_over_golds,
    exact_match,
    hit_at_k,
    mean,
    mean_reciprocal_rank,
    normalize_squad,
    percentile,
    precision_at_coverage,
    rouge_l,
    rouge_l_shares,
    token_f1,
)

WORDS = st.lists(st.sampled_from(["the", "press", "hold", "Power", "button", "3", "E-4", "."]), max_size=12)
TEXTS = WORDS.map(" ".join) | st.text(max_size=40)
JUDGED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Power-Button!", "powerbutton"),
        ("An answer, a test;\tthe end.", "answer test end"),
        ("theatre another", "theatre another"),
        ("U.S.A.", "usa"),
        ("3\u20135 °C", "3\u20135 °c"),  # only ASCII punctuation goes, as in the official script
        ("“quoted”", "“quoted”"),
        ("a-b the", "ab"),
        ("The", ""),
        ("", ""),
    ],
)
def test_normalisation_is_that_of_the_squad_script(text: str, normal: str) -> None:
    assert normalize_squad(text) == normal


def test_punctuation_goes_before_articles() -> None:
    """ "a." is an article once its full stop is gone, "a_b" one word once its underscore is."""
    assert normalize_squad("a. cat") == "cat"
    assert normalize_squad("a_b cat") == "ab cat"


def test_exact_match_ignores_case_articles_and_punctuation() -> None:
    assert exact_match("The Home button.", "home button") == 1.0
    assert exact_match("Home buttons", "home button") == 0.0


@pytest.mark.parametrize(
    ("text", "gold", "f1"),
    [
        ("press the red button", "press red button now", 6 / 7),  # 3 shared of 3 and 4
        ("press press press", "press", 0.5),  # a token counts as often as both have it
        ("left", "right", 0.0),
        ("", "", 1.0),
        ("the", "", 1.0),  # normalises to nothing
        ("", "button", 0.0),
    ],
)
def test_token_f1_by_hand(text: str, gold: str, f1: float) -> None:
    assert token_f1(text, gold) == pytest.approx(f1)


def test_rouge_l_by_hand() -> None:
    """Lin's example: police killed the gunman / police kill the gunman / the gunman kill police."""
    assert rouge_l("police kill the gunman", "police killed the gunman") == pytest.approx(3 / 4)
    assert rouge_l("the gunman kill police", "police killed the gunman") == pytest.approx(2 / 4)


def test_rouge_l_keeps_order_and_splits_at_punctuation() -> None:
    assert rouge_l_shares("HD-7710, please", "hd 7710") == (2 / 3, 1.0)
    assert rouge_l("b a", "a b") == pytest.approx(1 / 2)
    assert rouge_l("...", "press") == 0.0


def test_the_best_of_several_golds_counts() -> None:
    assert best_over_golds(exact_match, "Menu", ["Home", "the menu"]) == 1.0


def test_hit_at_k_and_mrr_by_hand() -> None:
    ranks = [1, 3, None, 2]
    assert [hit_at_k(ranks, k) for k in (1, 2, 3, 10)] == [0.25, 0.5, 0.75, 0.75]
    assert mean_reciprocal_rank(ranks) == pytest.approx((1 + 1 / 3 + 0 + 1 / 2) / 4)


def test_figures_of_nothing_are_none() -> None:
    assert hit_at_k([], 1) is None
    assert mean_reciprocal_rank([]) is None
    assert mean([]) is None
    assert percentile([], 50) is None
    assert auroc([0.1, 0.2], [True, True]) is None
    assert auroc([], []) is None
    assert precision_at_coverage([], [], 0.5) is None


def test_auroc_by_hand() -> None:
    """Pairs of a positive (0.9, 0.4) and a negative (0.4, 0.1): three won, one tied."""
    assert auroc([0.9, 0.4, 0.4, 0.1], [True, True, False, False]) == pytest.approx(3.5 / 4)
    weighted = auroc([0.9, 0.4, 0.4, 0.1], [True, True, False, False], weights=[1, 1, 3, 1])
    assert weighted == pytest.approx((1 * 4 + (0.5 * 3 + 1)) / (2 * 4))


def test_precision_at_coverage_by_hand() -> None:
    confidences, right = [0.2, 0.9, 0.6, 0.4], [False, True, True, False]
    assert precision_at_coverage(confidences, right, 0.5) == 1.0
    assert precision_at_coverage(confidences, right, 0.75) == pytest.approx(2 / 3)
    assert precision_at_coverage(confidences, right, 1.0) == 0.5


def test_precision_at_coverage_takes_the_wrong_one_of_a_tie_first() -> None:
    assert precision_at_coverage([0.7, 0.7], [True, False], 0.5) == 0.0


def test_precision_at_coverage_rounds_the_number_covered_up() -> None:
    assert precision_at_coverage([0.9, 0.8, 0.7], [False, True, True], 0.5) == 0.5


def test_percentiles_are_interpolated() -> None:
    assert percentile([10.0, 20.0, 30.0], 50) == 20.0
    assert percentile([0.0, 100.0], 95) == pytest.approx(95.0)


@given(TEXTS, TEXTS)
def test_text_metrics_lie_between_0_and_1_and_are_symmetric(text: str, gold: str) -> None:
    for metric in (exact_match, token_f1, rouge_l):
        assert 0 <= metric(text, gold) <= 1
        assert metric(text, gold) == pytest.approx(metric(gold, text))


@given(TEXTS)
def test_a_text_matches_itself(text: str) -> None:
    assert exact_match(text, text) == 1
    assert token_f1(text, text) == 1
    assert rouge_l(text, text) == float(any(c.isascii() and c.isalnum() for c in text.lower()))


@given(TEXTS, TEXTS)
def test_an_exact_match_has_full_token_f1(text: str, gold: str) -> None:
    assert token_f1(text, gold) >= exact_match(text, gold)


@given(TEXTS)
def test_normalising_twice_changes_nothing_for_plain_words(text: str) -> None:
    normal = normalize_squad(text)
    assert " ".join(normal.split()) == normal


@given(JUDGED, st.floats(0.05, 1))
def test_precision_at_coverage_lies_between_0_and_1(judged: list[tuple[float, bool]], share: float) -> None:
    confidences, right = [pair[0] for pair in judged], [pair[1] for pair in judged]
    value = precision_at_coverage(confidences, right, share)
    assert value is not None
    assert 0 <= value <= 1


@given(JUDGED)
def test_full_coverage_has_the_precision_of_all(judged: list[tuple[float, bool]]) -> None:
    confidences, right = [pair[0] for pair in judged], [pair[1] for pair in judged]
    everything = precision_at_coverage(confidences, right, 1.0)
    assert everything is not None
    assert math.isclose(everything, sum(right) / len(right))


@given(JUDGED)
def test_auroc_of_turned_scores_is_turned(judged: list[tuple[float, bool]]) -> None:
    scores, right = [pair[0] for pair in judged], [pair[1] for pair in judged]
    there, back = auroc(scores, right), auroc([-score for score in scores], right)
    assert there is None or there == pytest.approx(1 - (back or 0.0))


@given(st.lists(st.none() | st.integers(1, 20), min_size=1, max_size=20))
def test_hit_at_k_grows_with_k_and_mrr_lies_under_it(ranks: list[int | None]) -> None:
    hits = [hit_at_k(ranks, k) or 0.0 for k in (1, 3, 5, 10, 20)]
    assert hits == sorted(hits)
    assert hits[0] <= (mean_reciprocal_rank(ranks) or 0.0) + 1e-12 <= hits[-1] + 1e-9
