"""What a person wants to be forgotten leaves reports, and no release remembers it any more."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from fakes_retraining import changed, put_report, report
from fakes_votes import CARE, LAMPS, Shop

from qa_core.forgotten import ForgottenQuestions
from qa_core.store import Store
from training.feedback.anchoring import Anchors
from training.feedback.claims import Facts
from training.feedback.forgetting import Deleted, forget_person, redact_report, redact_reports
from training.feedback.triage import Amendment, Triage
from training.feedback.triplet import Rules
from training.retraining.job_folder import JobFolder
from training.triplets import Derivation, derive

DESCALING = "How does Anna descale?"


@pytest.fixture
def shop(tmp_path: Path):
    shop = Shop(tmp_path, Rules(approve_all=True))
    yield shop
    shop.store.close()


def forgotten(shop: Shop, *questions: str) -> frozenset[str]:
    return ForgottenQuestions(shop.store).among(questions)


def test_what_a_person_asked_is_forgotten_whether_or_not_somebody_voted_on_it(shop: Shop) -> None:
    shop.up(shop.ask(DESCALING, asked_by="U7"), "U1")
    shop.ask("Why does Anna call?", asked_by="U7")
    shop.ask("Mail anna@example.com?", asked_by="U7")
    shop.up(shop.ask("Why is it red?", of=LAMPS, span=None, asked_by="U9"), "U7")
    assert len(shop.triplets()) == 2

    assert forget_person(shop.store, "U7") == Deleted(n_questions=3, n_votes=1)

    asked = (DESCALING, "Why does Anna call?", "Mail [email]?")
    assert forgotten(shop, *asked, "Why is it red?") == set(asked)
    rows = str(shop.store.rows("SELECT * FROM forgotten_questions"))
    assert not any(word in rows for word in ("Anna", "U7"))


def test_what_an_administrator_made_of_a_question_is_forgotten_with_it(shop: Shop) -> None:
    shop.up(shop.ask(DESCALING, asked_by="U7"), "U1")
    edited = "How does Anna of Bremen descale?"
    Triage(shop.open()).edit(shop.only().id, Amendment(question=edited))
    assert shop.only().question == edited

    forget_person(shop.store, "U7")

    assert forgotten(shop, DESCALING, edited) == {DESCALING, edited}


def test_what_others_ask_in_the_same_words_stays(shop: Shop) -> None:
    for person in ("U7", "U9"):
        shop.up(shop.ask(DESCALING, asked_by=person), "U1")
    assert len(shop.triplets()) == 1

    forget_person(shop.store, "U7")

    assert forgotten(shop, DESCALING) == set()
    assert [triplet.question for triplet in shop.triplets()] == [DESCALING]


def test_what_others_ask_later_may_be_remembered(shop: Shop) -> None:
    shop.up(shop.ask(DESCALING, asked_by="U7"), "U1")
    assert len(shop.triplets()) == 1
    forget_person(shop.store, "U7")
    assert shop.triplets() == ()
    assert forgotten(shop, DESCALING) == {DESCALING}

    shop.up(shop.ask(DESCALING, asked_by="U9"), "U1")

    assert [triplet.question for triplet in shop.triplets()] == [DESCALING]
    assert forgotten(shop, DESCALING) == set()


@pytest.mark.parametrize("of_all", [True, False])
def test_deriving_while_somebody_is_forgotten_brings_nothing_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, of_all: bool
) -> None:
    if not of_all:
        shop.up(shop.ask("What is blue?", asked_by="U8"), "U2")
        shop.triplets()
    shop.up(shop.ask(DESCALING, asked_by="U7"), "U1")
    seen: list[bool] = []

    def derive_late(facts: Facts, rules: Rules, anchors: Anchors | None) -> Derivation:
        derivation = derive(facts, rules, anchors)
        if not seen:
            forget_person(shop.store, "U7")
        seen.append(facts.questions is None)
        return derivation

    monkeypatch.setattr("training.feedback.triplet_store.derive", derive_late)
    shop.open().refresh()

    assert forgotten(shop, DESCALING) == {DESCALING}
    assert DESCALING not in [triplet.question for triplet in shop.triplets()]
    assert seen[0] == of_all


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("forgetting", "gone_answers"):
        monkeypatch.setattr(f"training.feedback.{module}.AT_ONCE", 2)


def ask_much(shop: Shop) -> tuple[str, ...]:
    """U7 asks seven questions, on which others vote; so does U9, in other words."""
    asked = tuple(f"How does Anna descale part {number}?" for number in range(7))
    for question in asked:
        shop.up(shop.ask(question, asked_by="U7"), "U1")
    shop.up(shop.ask("Why is it red?", of=LAMPS, span=None, asked_by="U9"), "U1")
    assert len(shop.triplets()) == 8
    return asked


@pytest.mark.usefixtures("few_at_once")
def test_others_write_while_somebody_is_forgotten(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, n_written = ask_much(shop), itertools.count()

    def others_write(_: Store) -> None:
        other = Store(shop.store.path, busy_timeout_s=0.0)
        ForgottenQuestions(other).add([f"Another {next(n_written)}?"])
        other.close()

    monkeypatch.setattr(Store, "give_way", others_write)

    assert forget_person(shop.store, "U7") == Deleted(n_questions=7, n_votes=0)

    assert next(n_written) == 7, "four steps of questions, and three pauses of what is kept of them"
    assert forgotten(shop, *asked) == set(asked)
    assert [triplet.question for triplet in shop.triplets()] == ["Why is it red?"]


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("at_step", range(7))
def test_what_a_kill_leaves_of_somebody_goes_when_they_are_forgotten_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, at_step: int
) -> None:
    asked, steps = ask_much(shop), itertools.count()

    def killed(_: Store) -> None:
        if next(steps) == at_step:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "give_way", killed)
        with pytest.raises(KeyboardInterrupt):
            forget_person(shop.store, "U7")
    shop.triplets()

    forget_person(shop.store, "U7")

    assert forgotten(shop, *asked) == set(asked)
    assert [triplet.question for triplet in shop.triplets()] == ["Why is it red?"]
    assert "Anna" not in str(
        [*shop.store.rows("SELECT * FROM answers"), *shop.store.rows("SELECT * FROM triplets")]
    )


def test_reports_name_forgotten_questions_no_more(shop: Shop, tmp_path: Path) -> None:
    shop.ask(DESCALING, of=CARE, asked_by="U7")
    folder = put_report(tmp_path, report(changed=(changed(DESCALING), changed("Why is it red?"))))
    put_report(tmp_path, report(2, changed=()))
    JobFolder.of(tmp_path, 3).path.mkdir()
    damaged = JobFolder.of(tmp_path, 4)
    damaged.write("report", "")
    (damaged.path / "report.json").write_text("{")

    forget_person(shop.store, "U7")
    redact_reports(tmp_path, shop.store)

    assert [each["question"] for each in folder.read("report")["changed"]] == [
        "[forgotten]",
        "Why is it red?",
    ]


def test_two_who_are_forgotten_at_once_both_leave_a_report(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "How does Ben descale?"
    shop.ask(DESCALING, asked_by="U7")
    shop.ask(other, asked_by="U8")
    folder = put_report(tmp_path, report(changed=(changed(DESCALING), changed(other))))
    look = ForgottenQuestions.among

    def forget_other() -> None:
        forget_person(shop.store, "U8")
        redact_report(folder, shop.store)

    meanwhile = threading.Thread(target=forget_other)

    def look_slowly(own: ForgottenQuestions, questions: Iterable[str]) -> frozenset[str]:
        found = look(own, questions)
        if threading.current_thread() is not meanwhile:
            meanwhile.start()
            meanwhile.join(timeout=0.5)
        return found

    forget_person(shop.store, "U7")
    with monkeypatch.context() as patch:
        patch.setattr(ForgottenQuestions, "among", look_slowly)
        redact_report(folder, shop.store)
        meanwhile.join()

    assert [each["question"] for each in folder.read("report")["changed"]] == ["[forgotten]"] * 2


def test_a_report_that_is_written_later_does_not_either(shop: Shop, tmp_path: Path) -> None:
    shop.ask(DESCALING, asked_by="U7")
    forget_person(shop.store, "U7")
    folder = put_report(tmp_path, report(changed=(changed(DESCALING),)))

    redact_report(folder, shop.store)

    assert "Anna" not in (folder.path / "report.json").read_text()
