"""The main job on the sample manuals with the shipped models: quality stays at what was reached."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qa_core.engine import Engine
from qa_core.installation import open_installation
from qa_core.settings import Settings
from training.evaluate import Outcome, Report, ask_all, measure
from training.measuring.questions import Question, read_questions

ROOT = Path(__file__).parents[1]
MANUALS = ROOT / "manuals"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    report = open_installation(settings).open_library().add([MANUALS])
    assert report.failures == ()
    assert report.n_manuals == 6
    return Engine.load(settings)


@pytest.fixture(scope="module")
def outcomes(engine: Engine) -> tuple[Outcome, ...]:
    """Every second question asked of all six manuals, without the help of a product filter.

    `manualbot evaluate` asks all of them, which takes two minutes.
    """
    questions = read_questions(MANUALS / "questions.jsonl")[::2]
    return ask_all(engine, [replace(question, product=None) for question in questions])


@pytest.fixture(scope="module")
def report(outcomes: tuple[Outcome, ...]) -> Report:
    return measure(outcomes, decline=False)


@pytest.fixture(scope="module")
def declining(outcomes: tuple[Outcome, ...]) -> Report:
    return measure(outcomes)


def examples() -> list[tuple[str, str]]:
    """The questions that README shows answered, and where their answers stand."""
    shown = (
        (ROOT / "README.md").read_text(encoding="utf-8").split("## What it looks like")[1].split("\n## ")[0]
    )
    asked = re.split(r"^> ", shown, flags=re.MULTILINE)[1:]
    return [(each.split("\n")[0], re.findall(r"^\S+ › .*$", each, re.MULTILINE)[0]) for each in asked]


@pytest.mark.parametrize(("question", "place"), examples())
def test_what_the_readme_shows_is_answered_from_there(engine: Engine, question: str, place: str) -> None:
    answer = engine.ask(question)
    assert answer.answered
    passage = answer.hits[0].passage
    page = f" › page {passage.page}" if passage.page else ""
    assert f"{passage.manual.path} › {passage.heading}{page}" == place


def value(report: Report, name: str) -> float:
    found = report.value(name)
    assert found is not None
    return found


def test_the_right_section_comes_first(report: Report) -> None:
    assert value(report, "section_hit_at_1") >= 0.90
    assert value(report, "section_hit_at_5") >= 0.96


def test_what_is_shown_is_the_answer(report: Report) -> None:
    assert value(report, "shown_rouge_l") >= 0.65
    assert value(report, "shown_length_ratio") <= 2.6


def test_it_declines_what_the_manuals_do_not_say_and_answers_the_rest(declining: Report) -> None:
    assert value(declining, "declined_unanswerable") >= 0.70
    assert value(declining, "declined_answerable") <= 0.15


@pytest.mark.parametrize(
    "question", ["asdf qwer zxcv", "🙂🙂🙂", "What is the capital of France?", "?", "E-99999"]
)
def test_nonsense_is_declined(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert not answer.answered
    assert len(answer.hits) >= 3


def test_every_answer_is_verbatim_and_holds_its_span(outcomes: tuple[Outcome, ...]) -> None:
    for outcome in outcomes:
        answer = outcome.answer
        assert answer.span is not None
        assert answer.shown is not None
        passage = answer.hits[0].passage
        start, end = passage.start + answer.span.start, passage.start + answer.span.end
        assert answer.shown.start <= start < end <= answer.shown.end


def test_a_product_narrows_the_answer_to_its_manual(engine: Engine) -> None:
    for product in engine.models.index.products:
        answer = engine.ask("How do I reset it?", product=product, decline=False)
        assert {hit.passage.manual.product for hit in answer.hits} == {product}


def test_questions_name_products_that_there_are(engine: Engine) -> None:
    questions: tuple[Question, ...] = read_questions(MANUALS / "questions.jsonl")
    assert {question.product for question in questions} == set(engine.models.index.products)
