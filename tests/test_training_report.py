"""The report of a retraining: what a person reads of it, as text and as one file."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import pytest

from training.gate import GateSettings, Pair, judge
from training.measuring.chances import Ranked
from training.measuring.questions import Question
from training.reading.epochs import Epoch, Figures
from training.reading.fine_tune_report import ReportedEpoch
from training.report import report_html, report_text
from training.retraining.frozen import Exam, FrozenQuestion, Result, evidence_of
from training.retraining.job_report import ChangedAnswer, JobReport, changed_answers
from training.retraining.pictures import before_after, learning_curve
from training.retrieval.retriever_epochs import RetrieverEpoch

PNG = b"\x89PNG\r\n\x1a\n"


def question(name: str, *golds: str) -> FrozenQuestion:
    return FrozenQuestion(name, Question(f"How does {name} work?", golds), name, "👍")


def result(name: str, shown: str | None = "Press A.", **changed: object) -> Result:
    made = Result(name, False, 0.8, shown, shown, "a.md › Care", hit=True, right=True)
    return replace(made, **changed)  # type: ignore[arg-type]


EXAM = Exam(
    (question("q1", "Press A."), question("q2", "Press B.")), (question("r1", "C"), question("u1")), "a"
)
BEFORE = (
    result("q1"),
    result("q2", "Turn <it> off.", hit=False, right=False),
    result("r1", "C"),
    result("u1", declined=True),
)
AFTER = (
    result("q1", confidence=0.9),
    result("q2", "Press B."),
    result("r1", "D", right=False),
    result("u1", declined=True, shown="other"),
)


@pytest.fixture
def report() -> JobReport:
    figures = Figures(0.9, 0.75, 50.0, 60.0, 4, 8)
    return JobReport(
        job=3,
        base="r1",
        verdict=judge(evidence_of(EXAM, BEFORE, AFTER), GateSettings(min_held_out=1, min_topics=1)),
        digest="d" * 64,
        seed=7,
        counts={"training triplets": 40},
        regression_origin="the 2 questions of own.jsonl",
        reader_epochs=(
            ReportedEpoch(Epoch(0, None, figures), "before training"),
            ReportedEpoch(Epoch(1, 1.25, figures), "loss still falling"),
        ),
        encoder_epochs=(RetrieverEpoch(0, None, 0.5), RetrieverEpoch(1, 0.7, 0.625)),
        shares={"reader": 0.5, "encoder": 0.75},
        notes=("Of the reader's new weights 50% are in the candidate.",),
        before={"held-out: section hit@1": 0.5, "regression: section hit@1": None},
        after={"held-out: section hit@1": 1.0, "regression: section hit@1": None},
        changed=changed_answers(EXAM, BEFORE, AFTER),
        seconds={"Training the reader": 12.5},
        made="2026-01-02T03:04:05+00:00",
    )


def test_the_gate_sees_both_results_of_each_question() -> None:
    evidence = evidence_of(EXAM, BEFORE, AFTER)
    assert evidence.held_out == (Pair(1.0, 1.0, "q1"), Pair(0.0, 1.0, "q2"))
    assert evidence.answers == (Pair(1.0, 1.0, "r1"),)  # the section is still right: it helps
    assert evidence.answered == (Pair(1.0, 1.0, "r1"),)
    assert evidence.declined == (Pair(1.0, 1.0, "u1"),)


def test_half_a_score_is_the_right_section_with_other_words() -> None:
    assert result("q", right=False).score == 0.5
    assert result("q", hit=None, right=False).score == 0.0
    assert result("q", hit=None).score == 1.0


def test_more_or_less_than_gold_scores_by_how_well_it_agrees() -> None:
    assert result("q", agreement=0.5).agreeing == 0.75
    assert result("q", hit=None, agreement=0.25).agreeing == 0.25
    assert result("q", hit=None).agreeing == 1.0  # of a job of before it was told


def test_only_of_what_a_person_marked_it_counts_how_much_is_shown() -> None:
    names = {"correction": "c", "import": "i", "👍": "u"}
    exam = Exam(tuple(replace(question(n, "A"), origin=origin) for origin, n in names.items()), (), "")
    before = [result(n, reciprocal_rank=1.0, agreement=0.2) for n in names.values()]
    after = [replace(each, agreement=0.8) for each in before]
    assert [pair.candidate - pair.current for pair in evidence_of(exam, before, after).held_out] == [
        pytest.approx(0.3),
        0.0,
        0.0,
    ]


def test_a_right_answer_that_shows_less_than_before_is_no_worse_in_the_report() -> None:
    shorter = result("r1", "Press", agreement=0.5)
    changed = changed_answers(Exam((), (question("r1", "C"),), ""), [result("r1", agreement=1.0)], [shorter])
    assert [each.change for each in changed] == [0.0]


def test_a_right_section_that_leads_by_more_scores_more() -> None:
    exam = Exam((question("q1", "A"), question("q2", "B")), (), "")
    trails = result("q2", hit=False, reciprocal_rank=0.5, ranked=Ranked((1.0, 1.2), (True, False)))

    def leading(by: float) -> list[Result]:
        return [result("q1", reciprocal_rank=1.0, ranked=Ranked((1.0 + by, 1.0), (True, False))), trails]

    first, second = evidence_of(exam, leading(0.1), leading(0.5)).held_out
    assert first.current < first.candidate <= 1.0
    assert first.current > 0.5  # the first rank and the right words alone
    assert 0.375 < second.candidate < first.candidate


def test_other_words_than_those_of_a_thumbs_up_are_no_worse_and_other_words_than_a_correction_are() -> None:
    corrected = replace(question("q2", "B"), origin="correction")
    exam = Exam((question("q1", "A"), corrected), (), "")
    ranked = Ranked((1.0, 0.9), (True, False))
    same = [result(name, reciprocal_rank=1.0, ranked=ranked) for name in ("q1", "q2")]
    other = [replace(each, right=False, agreement=0.0) for each in same]
    voted, changed = evidence_of(exam, same, other).held_out
    assert voted.candidate == voted.current
    assert changed.candidate == pytest.approx(changed.current - 0.25)


def test_a_held_out_question_that_no_manual_answers_scores_by_being_declined() -> None:
    exam = Exam((question("q"),), (), "")
    evidence = evidence_of(exam, [result("q")], [result("q", declined=True)])
    assert evidence.held_out == (Pair(0.0, 1.0, "q"),)


def test_a_held_out_answer_that_is_declined_is_worth_nothing() -> None:
    exam = Exam((question("q", "A"),), (), "")
    shown = result("q", reciprocal_rank=1.0, ranked=Ranked((1.0, 0.9), (True, False)))
    [pair] = evidence_of(exam, [shown], [replace(shown, declined=True)]).held_out
    assert (pair.current > 0.5, pair.candidate) == (True, 0.0)


def test_changed_are_the_answers_that_a_person_sees_differently_better_ones_first() -> None:
    changed = changed_answers(EXAM, BEFORE, AFTER)
    assert [(each.before.id, each.part, each.change) for each in changed] == [
        ("q2", "held-out", 1.0),
        ("r1", "regression", -0.5),
    ]


def test_an_answer_that_is_declined_now_has_changed_for_the_worse() -> None:
    changed = ChangedAnswer("q", "regression", ("Press A.",), result("q"), result("q", declined=True))
    assert changed.change == -1.0


def test_the_report_survives_json(report: JobReport) -> None:
    assert JobReport.of(json.loads(json.dumps(report.as_json()))) == report


def test_the_text_says_verdict_figures_and_changed_answers(report: JobReport) -> None:
    text = report_text(report)
    assert text.startswith("Job 3: the candidate did not pass the gate against r1\n\n- There are only")
    assert "held-out: section hit@1                            0.500       1.000" in text
    assert "regression: section hit@1                              –           –" in text
    assert "    1    0.900       0.750  loss still falling" in text
    assert "    1    0.700    0.625" in text
    assert "2 answers changed:" in text
    assert "How does q2 work?   [held-out, better]\n  before: Turn <it> off.\n  after:  Press B." in text


def test_a_dry_run_is_called_one(report: JobReport) -> None:
    text = report_text(replace(report, dry_run=True))
    assert text.startswith("Job 3, a dry run: the candidate would not be promoted over r1")


def test_the_page_needs_nothing_beside_it(report: JobReport) -> None:
    page = report_html(report)
    assert "<h1>Job 3: the candidate did not pass the gate against r1</h1>" in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "<script" not in page
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert [base64.b64decode(picture)[:8] for picture in pictures] == [PNG, PNG]


def test_what_people_and_manuals_wrote_is_escaped(report: JobReport) -> None:
    page = report_html(report)
    assert "Turn &lt;it&gt; off." in page
    assert "<it>" not in page


def test_old_and_new_answer_stand_side_by_side(report: JobReport) -> None:
    page = report_html(report)
    row = page[page.index("Turn &lt;it&gt;") :]
    assert row.index("</td><td>") < row.index("Press B.") < row.index("</tr>")


def test_pictures_are_drawn_where_nothing_was_trained_or_measured(report: JobReport) -> None:
    bare = replace(report, reader_epochs=(), encoder_epochs=(), before={}, after={})
    assert learning_curve(bare)[:8] == PNG
    assert before_after(bare)[:8] == PNG
