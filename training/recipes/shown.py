"""How much to show: what other settings than the shipped ones give, and what votes teach of them.

    python -m training.recipes.shown DATA

For TV-Remote, the sample manuals and the manuals that are held out for figures: ROUGE-L, its recall and the
length of what is shown with every setting that `training/retraining/excerpt_fit.py` may choose, over all
questions; and how far choosing better could go, for each question the best of these settings, and of all runs
of blocks in the passage. Then people vote on half the questions as in feedback transfer, from them a setting
is learned, and the other half tells what that brings: the mean of 24 splits, the lowest and the highest.
Nothing else is learned, and no model is trained.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from qa_core.engine import Engine, Found
from qa_core.excerpt import DEFAULT_EXCERPT
from qa_core.excerpt_blocks import blocks_of
from qa_core.types import Passage
from training.measuring import metrics
from training.recipes.corpora import temporary_corpora
from training.recipes.halves import split_halves
from training.recipes.simulated_votes import best_cut, content
from training.recipes.transfer_trial import SAMPLES, folder_of, read_questions_of
from training.recipes.tv_remote import TvQuestion, manual_path, read_tv_questions
from training.retraining.excerpt_fit import GRID, ExcerptCase, Floats, best_of, excerpts, gains_of

N_SPLITS = 24
LONGEST_RUN = 1_500  # characters
SETTINGS = tuple(dict.fromkeys((DEFAULT_EXCERPT, *GRID)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what each of SETTINGS shows of its first passage, and what its vote says of them."""

    question: TvQuestion
    shown: tuple[str, ...]
    rouge: Floats  # F1 and recall of ROUGE-L with gold, [settings, 2]
    ceiling: float  # the F1 of the best run of blocks in the passage
    gains: Floats | None  # by what a person says, [settings]; None: nothing is learned from it


def asked(engine: Engine, question: TvQuestion) -> Asked:
    """Ask the question once, and vote on the answer."""
    found = engine.find(question.question.text)
    ranked = engine.models.calibrator.rank(found.asked, found.readings)
    first = next(reading for reading in ranked if reading.spans)
    shown = excerpts(found, first, engine.models.encoder, SETTINGS)
    golds = question.question.answers
    scores = {
        text: [
            metrics.best_over_golds(metric, text, golds)
            for metric in (metrics.rouge_l, metrics.rouge_l_recall)
        ]
        for text in set(shown)
    }
    case = _case(engine, question, found)
    said = None if case is None else gains_of(case, engine.models.encoder, SETTINGS)
    rouge = np.array([scores[text] for text in shown])
    return Asked(question, shown, rouge, _ceiling(first.hit.passage, golds), said)


def _ceiling(passage: Passage, golds: Sequence[str]) -> float:
    text, blocks = passage.section.text, blocks_of(passage, DEFAULT_EXCERPT.max_words)
    return max(
        metrics.best_over_golds(metrics.rouge_l, text[first.start : last.end], golds)
        for number, first in enumerate(blocks)
        for last in blocks[number:]
        if last is first or last.end - first.start <= LONGEST_RUN
    )


def _case(engine: Engine, question: TvQuestion, found: Found) -> ExcerptCase | None:
    """What a person says: content, or the best span of the gold section."""
    answer = engine.decide(found, decline=False)
    if content(question, answer):
        return ExcerptCase(found, answer.readings[0], answer.shown_text or "", False, question.group)
    cut = best_cut(question, engine.passages)
    reading = next((r for r in found.readings if cut and r.hit.passage.id == cut.passage.id), None)
    if cut is None or reading is None or not reading.spans:
        return None
    return ExcerptCase(found, reading, cut.passage.text[cut.start : cut.end], True, question.group)


def learned(questions: Sequence[Asked], seed: int) -> tuple[int, Floats]:
    """Which of SETTINGS votes on half A teach, and the change in ROUGE-L's F1 and recall on half B `[2]`."""
    halves = split_halves([each.question.group for each in questions], seed)
    told = [(questions[i].gains, questions[i].question.group) for i in halves.a]
    known = [(gains, group) for gains, group in told if gains is not None]
    chosen = best_of(np.array([gains for gains, _ in known]), [group for _, group in known])
    return chosen, np.mean([questions[i].rouge[chosen] - questions[i].rouge[0] for i in halves.b], axis=0)


def print_settings(questions: Sequence[Asked]) -> None:
    """A line for each setting, the shipped one first."""
    gold = median(len(each.question.question.answers[0].split()) for each in questions)
    print("words floor spans  ROUGE-L   recall  length")
    for number, setting in enumerate(SETTINGS):
        rouge, recall = np.mean([each.rouge[number] for each in questions], axis=0)
        length = median(len(each.shown[number].split()) for each in questions) / gold
        print(
            f"{setting.max_words:5}{setting.floor:6.2f}{setting.span_weight:6.1f}{rouge:9.3f}{recall:9.3f}{length:8.2f}",
            flush=True,
        )


def print_ceilings(questions: Sequence[Asked]) -> None:
    """What choosing better could bring, if it were always right."""
    of_settings = np.mean([each.rouge[:, 0].max() for each in questions])
    of_runs = np.mean([each.ceiling for each in questions])
    n_none = sum(each.ceiling == 0 for each in questions)
    print(
        f"ROUGE-L of each question's best setting {of_settings:.3f}, of its best run of blocks {of_runs:.3f}"
    )
    print(f'questions of whose gold no run has a word (as of "Yes"): {n_none}', flush=True)


def print_learned(questions: Sequence[Asked]) -> None:
    """What votes on half the questions bring."""
    outcomes = [learned(questions, seed) for seed in range(N_SPLITS)]
    n_changed = sum(chosen > 0 for chosen, _ in outcomes)
    print(f"learned from votes; {n_changed} of {N_SPLITS} splits change the setting. On the other half")
    for name, changes in zip(("ROUGE-L", "recall"), np.array([each for _, each in outcomes]).T, strict=True):
        print(f"{name:8}{changes.mean():+.3f} ({changes.min():+.3f} to {changes.max():+.3f})", flush=True)


def main() -> None:
    """Print both for all sets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with tv-remote/")
    data = parser.parse_args().data
    sets = {
        "TV-Remote": ([manual_path(data)], read_tv_questions(data)),
        "sample manuals": ([SAMPLES], read_questions_of(SAMPLES)),
        "held-out manuals": ([folder_of("held_out")], read_questions_of(folder_of("held_out"))),
    }
    with temporary_corpora() as corpora:
        for name, (manuals, questions) in sets.items():
            engine = corpora.engine(manuals)
            found = [asked(engine, question) for question in questions]
            print(f"{name}, {len(found)} questions")
            print_settings(found)
            print_ceilings(found)
            print_learned(found)


if __name__ == "__main__":
    main()
