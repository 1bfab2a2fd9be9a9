"""Evaluation over an engine whose answers are written down here, so that each figure can be checked."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.errors import IndexingError
from qa_core.types import Answer, Excerpt, Hit, Manual, Passage, Section, Span
from training.evaluate import Outcome, Report, ask_all, evaluate, is_right, measure
from training.measuring.questions import Question

TEXT = "Hold OK for 3 seconds. The lamp blinks twice."


def hit_under(heading: str, manual: str = "a.md", text: str = TEXT) -> Hit:
    owner = Manual(manual, "/manuals", manual, "Guide", "LX", None, None, "0" * 64)
    passage = Passage(f"{manual}/{heading}", owner, Section(("Guide", heading), text), 0, len(text))
    return Hit(passage, 1.0, 0.5, 2.0)


def answer_of(
    hits: Sequence[Hit], span: str = "3 seconds", confidence: float = 0.9, shown: str | None = None
) -> Answer:
    """An answer from the first hit that shows its first sentence, at a threshold of 0.5."""
    text = hits[0].passage.text
    shown = shown or text[: text.find(".") + 1]
    start, shown_start = text.find(span), text.find(shown)
    return Answer(
        question="",
        span=Span(start, start + len(span), 1.0),
        shown=Excerpt(shown_start, shown_start + len(shown)),
        confidence=confidence,
        threshold=0.5,
        hits=tuple(hits),
        release="r1",
        latency_ms=100 * confidence,
    )


def answer_without_hits() -> Answer:
    return Answer("", None, None, 0.0, 0.5, (), "r1", 1.0)


class WrittenEngine:
    """Answers from a table; remembers how it was asked."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str | None, bool]] = []

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        self.asked.append((question, product, decline))
        return self.answers[question]


RESET = Question("reset?", ("Hold OK for 3 seconds.",), section="reset!", manual="a.md", product="LX")
SPAN_ONLY = Question("how long?", ("3 seconds",), section="Reset")
LOST = Question("lamp?", ("Replace the lamp cover with a coin",), section="Lamp", manual="a.md")
NONE = Question("fly?", ())

ENGINE = WrittenEngine(
    {
        "reset?": answer_of([hit_under("Reset"), hit_under("Lamp")], "Hold OK for 3 seconds", 0.9),
        "how long?": answer_of([hit_under("Lamp"), hit_under("Reset")], "3 seconds", 0.4),
        "lamp?": answer_of([hit_under("Reset", "b.md"), hit_under("Fuse")], "3 seconds", 0.6),
        "fly?": answer_of([hit_under("Fuse")], "3 seconds", 0.1),
    }
)
QUESTIONS = (RESET, SPAN_ONLY, LOST, NONE)
DECLINING = evaluate(ENGINE, QUESTIONS)
ANSWERING = evaluate(ENGINE, QUESTIONS, decline=False)


def n_of(report: Report, name: str) -> int:
    return next(metric.n for metric in report.metrics if metric.name == name)


def test_each_question_is_asked_once_within_its_product_and_not_declined() -> None:
    engine = WrittenEngine(ENGINE.answers)
    counted: list[int] = []
    ask_all(engine, QUESTIONS, counted.append)
    assert engine.asked == [
        ("reset?", "LX", False),
        ("how long?", None, False),
        ("lamp?", None, False),
        ("fly?", None, False),
    ]
    assert counted == [1, 2, 3, 4]


def test_questions_on_a_product_that_no_manual_has_are_asked_of_all_manuals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class EngineWithoutProducts(WrittenEngine):
        def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
            answer = super().ask(question, product, decline)
            if product is not None:
                raise IndexingError(f"No manual of product {product!r}")
            return answer

    engine = EngineWithoutProducts(ENGINE.answers)
    outcomes = ask_all(engine, [RESET, RESET])
    assert engine.asked == [("reset?", "LX", False), ("reset?", None, False), ("reset?", None, False)]
    assert [outcome.answer for outcome in outcomes] == [ENGINE.answers["reset?"]] * 2
    assert [r.getMessage() for r in caplog.records] == [
        "Questions on product 'LX' are asked of all manuals: No manual of product 'LX'"
    ]


def test_section_hits_are_ranked_over_questions_with_a_gold_section() -> None:
    """Ranks 1, 2 and none."""
    assert DECLINING.value("section_hit_at_1") == pytest.approx(1 / 3)
    assert DECLINING.value("section_hit_at_3") == pytest.approx(2 / 3)
    assert DECLINING.value("section_hit_at_10") == pytest.approx(2 / 3)
    assert DECLINING.value("section_mrr") == pytest.approx((1 + 1 / 2) / 3)
    assert n_of(DECLINING, "section_hit_at_1") == 3


def test_manual_hits_are_ranked_over_questions_with_a_gold_manual() -> None:
    """Ranks 1 and 2."""
    assert DECLINING.value("manual_hit_at_1") == 0.5
    assert DECLINING.value("manual_hit_at_3") == 1.0
    assert DECLINING.value("manual_mrr") == 0.75
    assert n_of(DECLINING, "manual_mrr") == 2


def test_a_passage_that_comes_twice_counts_as_one_rank() -> None:
    hits = [hit_under("Fuse"), hit_under("Fuse"), hit_under("Reset")]
    assert Outcome(RESET, answer_of(hits)).section_rank == 2


def test_a_like_heading_of_another_manual_is_not_the_gold_section() -> None:
    hits = [hit_under("Reset", "b.md"), hit_under("Reset", "a.md")]
    shown_elsewhere = answer_of(hits, "3 seconds", shown="Hold OK")
    assert Outcome(RESET, shown_elsewhere).section_rank == 2
    assert Outcome(SPAN_ONLY, shown_elsewhere).section_rank == 1  # its manual is not told
    assert Outcome(NONE, shown_elsewhere).section_rank is None
    wrong = Question("reset?", ("Press the pedal",), section="reset!", manual="a.md")
    assert [Outcome(wrong, answer_of(each)).helps for each in (hits, hits[::-1])] == [False, True]


def test_quality_counts_declined_answers_as_zero() -> None:
    """Of three answerable questions, `how long?` is declined: shown `Hold OK for 3 seconds.`"""
    assert DECLINING.value("shown_rouge_l") == pytest.approx((1 + 0 + 0) / 3)
    assert DECLINING.value("shown_f1") == pytest.approx(1 / 3)
    assert DECLINING.value("answer_exact_match") == pytest.approx(1 / 3)
    assert DECLINING.value("answer_f1") == pytest.approx(1 / 3)
    assert n_of(DECLINING, "shown_rouge_l") == 3


def test_without_declining_every_answer_counts() -> None:
    """`how long?` shows five words of which gold has two; its span is gold."""
    f1 = 2 * 2 / (5 + 2)
    assert ANSWERING.value("shown_rouge_l") == pytest.approx((1 + f1 + 0) / 3)
    assert ANSWERING.value("shown_f1") == pytest.approx((1 + f1) / 3)
    assert ANSWERING.value("answer_exact_match") == pytest.approx(2 / 3)
    assert ANSWERING.value("answer_f1") == pytest.approx(2 / 3)


def test_the_length_ratio_is_median_shown_over_median_gold_of_answers_given() -> None:
    """Shown are 5, 5 and 5 words against gold of 5, 2 and 7; declining drops the second."""
    assert ANSWERING.value("shown_length_ratio") == 5 / 5
    assert DECLINING.value("shown_length_ratio") == pytest.approx(5 / 6)
    assert n_of(DECLINING, "shown_length_ratio") == 2


def test_declined_is_counted_over_all_and_over_answerable_and_unanswerable() -> None:
    assert DECLINING.value("declined") == 0.5
    assert DECLINING.value("declined_answerable") == pytest.approx(1 / 3)
    assert DECLINING.value("declined_unanswerable") == 1.0
    assert ANSWERING.value("declined") == 0.0


def test_an_engine_that_finds_nothing_declines_even_when_told_not_to() -> None:
    report = evaluate(WrittenEngine({"reset?": answer_without_hits()}), [RESET], decline=False)
    assert report.value("declined") == 1.0
    assert report.value("shown_rouge_l") == 0.0
    assert report.value("section_hit_at_10") == 0.0
    assert report.value("shown_length_ratio") is None


def test_confidence_is_judged_over_all_questions_declined_or_not() -> None:
    """By confidence: reset 0.9 right, lamp 0.6 wrong, how long 0.4 right, fly 0.1 unanswerable."""
    for report in (DECLINING, ANSWERING):
        assert report.value("abstention_auroc") == 0.75
        assert report.value("answerable_auroc") == 1.0
        assert report.value("precision_at_coverage_20") == 1.0
        assert report.value("precision_at_coverage_50") == 0.5
        assert report.value("precision_at_coverage_80") == 0.5
        assert report.value("precision_at_coverage_100") == 0.5
        assert report.value("coverage_at_precision_80") == 0.25
        assert report.value("calibration_error") == pytest.approx((0.1 + 0.6 + 0.6 + 0.1) / 4)
        assert report.value("calibration_bins") == 4  # one for each question


def test_precision_is_that_of_the_answers_given() -> None:
    assert DECLINING.value("precision") == 0.5
    assert n_of(DECLINING, "precision") == 2
    assert DECLINING.value("answer_right") == pytest.approx(1 / 3)


def test_an_answer_from_the_gold_section_helps_though_it_says_other_sentences() -> None:
    other_words = Question("tone?", ("Wait for the long tone, then dial",), section="Reset")
    outcome = Outcome(other_words, answer_of([hit_under("Reset")]))
    assert (outcome.right, outcome.helps) == (False, True)
    elsewhere = Outcome(other_words, answer_of([hit_under("Lamp"), hit_under("Reset")]))
    assert (elsewhere.right, elsewhere.helps) == (False, False)
    report = measure([outcome, elsewhere])
    assert (report.value("answer_right"), report.value("answer_helps")) == (0.0, 0.5)
    assert report.value("precision") == 0.5


def test_latency_percentiles_are_in_milliseconds() -> None:
    """90, 40, 60 and 10 ms."""
    assert DECLINING.value("latency_p50_ms") == 50.0
    assert DECLINING.value("latency_p95_ms") == pytest.approx(85.5)


def test_the_first_json_keys_are_the_documented_ones_and_nothing_is_nan() -> None:
    record = json.loads(json.dumps(measure(()).as_json(), allow_nan=False))
    assert set(record) >= {
        *(f"{gold}_hit_at_{k}" for gold in ("section", "manual") for k in (1, 3, 5, 10)),
        *("section_mrr", "manual_mrr", "shown_rouge_l", "shown_f1", "shown_length_ratio"),
        *("answer_exact_match", "answer_f1", "declined", "abstention_auroc"),
        *("latency_p50_ms", "latency_p95_ms", "n"),
    }
    assert all(value is None for name, value in record.items() if name != "n")
    assert set(record["n"]) == set(record) - {"n"}


def test_without_unanswerable_questions_their_figures_are_null() -> None:
    report = evaluate(ENGINE, [RESET])
    assert report.value("declined_unanswerable") is None
    assert report.value("answerable_auroc") is None
    assert report.value("declined_answerable") == 0.0


@pytest.mark.parametrize(
    ("span", "shown", "gold", "right"),
    [
        ("3 seconds", TEXT, "for 3 seconds", True),  # span F1 0.8
        ("OK", "Hold OK for 3 seconds.", "You should hold OK for 3 seconds now", True),  # recall 5 of 8
        (
            "OK",
            "Hold OK for 3 seconds.",
            "Unplug it, press Menu, then hold OK a while",
            False,
        ),  # 2 of 5 and of 9
        (
            "OK",
            "Hold OK for 3 seconds.",
            "Hold OK for 3 seconds. The lamp blinks twice. Let go and wait for the tone.",
            True,  # all of it gold, 5 of 16 words
        ),
        ("twice", "The lamp blinks twice.", "Replace the lamp cover", False),
    ],
)
def test_right_is_a_span_near_gold_or_a_text_that_holds_gold_or_a_part_of_it(
    span: str, shown: str, gold: str, right: bool
) -> None:
    assert is_right(answer_of([hit_under("Reset")], span, shown=shown), [gold]) is right


def test_any_gold_makes_an_answer_right_and_none_makes_it_wrong() -> None:
    answer = answer_of([hit_under("Reset")], "3 seconds")
    assert is_right(answer, ["ten minutes", "3 seconds"])
    assert not is_right(answer, [])
    assert not is_right(answer_without_hits(), ["3 seconds"])


@given(st.lists(st.tuples(st.sampled_from(QUESTIONS), st.floats(0, 1)), max_size=12))
def test_every_share_lies_between_0_and_1_whatever_is_asked(drawn: list[tuple[Question, float]]) -> None:
    hits = [hit_under("Reset")]
    report = measure([Outcome(question, answer_of(hits, "3 seconds", c)) for question, c in drawn])
    for metric in report.metrics:
        if metric.value is not None and not metric.name.startswith(
            ("latency", "shown_length", "calibration_bins")
        ):
            assert -1e-12 <= metric.value <= 1 + 1e-12, metric
