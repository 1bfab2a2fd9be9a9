"""The recipe of feedback transfer: what it keeps, and how it sums seeds up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from fakes_bot import FakeEngine

from qa_core.errors import DataError
from qa_core.migrations import QA_CORE
from qa_core.store import Store
from qa_core.types import Manual, Passage, Section
from training.measuring.questions import Question
from training.migrations import TRAINING
from training.recipes.shown import SETTINGS, Asked, learned
from training.recipes.simulated_votes import Cast, Kind, best_cut, vote_on_all
from training.recipes.transfer_results import paired, table, write_results
from training.recipes.transfer_trial import (
    N_ROUNDS,
    SAMPLES,
    VOTES_A_ROUND,
    Manuals,
    Parts,
    Trial,
    read_questions_of,
)
from training.recipes.tv_remote import TvQuestion
from training.votes import Votes

if TYPE_CHECKING:
    from qa_core.engine import Engine


def row(release: str, hits: list[float | None], job: dict[str, Any] | None = None) -> dict[str, Any]:
    known = [hit for hit in hits if hit is not None]
    scores = [{"group": n // 2, "hit": hit, "rouge": 0.5} for n, hit in enumerate(hits)]
    part = {"section_hit_at_1": sum(known) / len(known), "shown_rouge_l": 0.5}
    return {
        "release": release,
        **dict.fromkeys(("half B", "paraphrases", "samples"), part),
        "squad": {},
        "scores": {"half B": scores, "paraphrases": scores},
        **({"job": job} if job else {}),
    }


BEFORE = row("shipped", [0.0, 1.0, None, 0.0])
AFTER = row("r1", [1.0, 1.0, None, 0.0], {"state": "promoted", "message": "r1 answers now."})
TRIALS = [[BEFORE, AFTER], [BEFORE, {**BEFORE, "job": {"state": "kept", "message": "Not better."}}]]


def test_questions_are_paired_with_themselves_and_unknown_sections_left_out() -> None:
    pairs = paired(TRIALS[:1], "half B", "hit")
    assert [(pair.current, pair.candidate, pair.group) for pair in pairs] == [
        (0.0, 1.0, 0),
        (1.0, 1.0, 0),
        (0.0, 0.0, 1),
    ]


def test_the_table_has_means_and_each_seed_s_change() -> None:
    lines = table("honest", TRIALS).splitlines()
    assert lines[0].split()[:4] == ["honest", "before", "after", "change"]
    assert lines[1].split() == [
        "half",
        "B:",
        "section_hit_at_1",
        "0.333",
        "0.500",
        "+0.167",
        "+0.333",
        "+0.000",
    ]
    assert any(line.startswith("half B, hit: +16.7 points, 95 % interval") for line in lines)
    assert lines[-2:] == [
        "promoted: half B hit@1 0.667. r1 answers now.",
        "kept: half B hit@1 0.333. Not better.",
    ]


def test_results_are_json_without_single_questions(tmp_path: Path) -> None:
    write_results(tmp_path, "honest", {0: TRIALS[0]})
    kept = json.loads((tmp_path / "honest.json").read_text())
    assert [each["release"] for each in kept["0"]] == ["shipped", "r1"]
    assert kept["0"][1]["half B"]["section_hit_at_1"] == pytest.approx(2 / 3)
    assert not (tmp_path / "rounds.png").exists()


def test_rounds_have_a_picture(tmp_path: Path) -> None:
    write_results(tmp_path, "rounds", {0: TRIALS[0], 1: TRIALS[1]})
    assert (tmp_path / "rounds.png").read_bytes().startswith(b"\x89PNG")


def passage_of(path: str, text: str = "Descale it every 200 cups. Empty the tank first.") -> Passage:
    manual = Manual("m" + path, "/manuals", path, path, path, None, None, "d" * 64)
    return Passage(path, manual, Section(("Meridio", "Care"), text), 0, len(text))


def test_sample_questions_have_an_answer_and_share_a_group_by_section() -> None:
    questions = read_questions_of(SAMPLES)
    assert len(questions) == 174
    assert len(read_questions_of(SAMPLES, with_unanswerable=True)) == 214
    assert all(each.question.answers and each.question.product is None for each in questions)
    places = {(each.question.manual, each.question.section) for each in questions}
    assert len({each.group for each in questions}) == len(places)


@pytest.mark.parametrize(
    ("manuals", "n_questions", "one"),
    [("samples", 174, "dryflow-95-operating-manual.md"), ("held_out", 526, "Orlune_V4_camera.html")],
)
def test_manuals_are_indexed_without_the_file_that_tells_their_answers(
    tmp_path: Path, manuals: Manuals, n_questions: int, one: str
) -> None:
    trial = Trial(tmp_path, tmp_path / "work", "honest", 0, 0, manuals=manuals)
    names = {path.name for path in trial.source().rglob("*")}
    assert trial.folder.name == f"{manuals}-honest-0"
    assert "questions.jsonl" not in names
    assert one in names
    parts = Parts.of(trial)
    assert len(parts.voted) + len(parts.other) == n_questions


def test_what_was_measured_with_other_options_is_not_taken_for_these(tmp_path: Path) -> None:
    trial = Trial(tmp_path, tmp_path / "work", "honest", 0, 2_000)
    trial.check_options()
    replace(trial, variant="rounds").check_options()
    replace(trial, seed=1, n_votes=10).check_options()

    with pytest.raises(DataError, match=r"'squad': 2000, .* not with .*'squad': 0, .* Give another --work$"):
        replace(trial, n_squad=0).check_options()
    for other in (replace(trial, n_votes=10), replace(trial, n_measured=10)):
        with pytest.raises(DataError, match="Give another --work"):
            other.check_options()


def test_of_the_held_out_manuals_five_rounds_are_voted_on_and_whole_groups_are_left(tmp_path: Path) -> None:
    for seed in (0, 1):
        parts = Parts.of(Trial(tmp_path, tmp_path, "rounds", seed, 0, manuals="held_out"))
        assert 0 <= len(parts.voted) - N_ROUNDS * VOTES_A_ROUND["held_out"] < 10
        assert not {each.group for each in parts.voted} & {each.group for each in parts.other}
        without = [each for each in (*parts.voted, *parts.other) if not each.question.answerable]
        assert len({each.group for each in without}) == len(without) == 76


def test_who_corrects_marks_the_answer_in_the_manual_that_is_meant() -> None:
    asked = Question("How often?", ("Descale it every 200 cups.",), section="Care", manual="b.md")
    question = TvQuestion("1", asked, "Care", "Normal Q&A", 0)
    cut = best_cut(question, [passage_of("a.md"), passage_of("b.md")])
    assert cut is not None
    assert cut.passage.manual.path == "b.md"
    assert cut.passage.text[cut.start : cut.end] == "Descale it every 200 cups."
    assert best_cut(question, [passage_of("a.md")]) is None


def test_what_votes_teach_of_excerpts_is_measured_on_the_other_half() -> None:
    n_settings, shorter = len(SETTINGS), 3
    gains = np.zeros(n_settings)
    gains[shorter] = 0.2
    rouge = np.full(n_settings, 0.5)
    rouge[shorter] = 0.6
    asked = [
        Asked(
            TvQuestion(str(n), Question("q", ("a",)), None, "Normal Q&A", n),
            ("a",) * n_settings,
            rouge,
            1.0,
            gains,
        )
        for n in range(40)
    ]
    assert learned(asked, seed=0) == (shorter, pytest.approx(0.1))
    silent = [replace(each, gains=None) for each in asked[:30]]
    assert learned([*silent, *asked[30:34]], seed=0) == (0, 0.0)


@pytest.mark.parametrize(("kind", "given"), [("honest", Cast(n_unsaid=1)), ("thumbs-up", Cast(n_silent=1))])
def test_where_no_manual_answers_an_honest_person_says_so(kind: Kind, given: Cast, tmp_path: Path) -> None:
    store = Store(tmp_path / "manualbot.db", (QA_CORE, TRAINING))
    asked = TvQuestion("1", Question("Is it deaf?", ()), None, "Normal Q&A", 0)
    engine = cast("Engine", FakeEngine())
    assert vote_on_all(store, engine, [asked], [kind], ["Ada"], 0) == given
    said = [each.kind for each in Votes(store).all_corrections()]
    assert said == ["not_in_manuals"] * given.n_unsaid
