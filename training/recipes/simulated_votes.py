"""People who vote on answers as annotators would: right, or wrong on purpose."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qa_core.answers import Answers
from qa_core.engine import Engine
from qa_core.store import Store
from qa_core.types import Answer, Passage
from qa_core.units import split_units
from training.measuring import metrics
from training.measuring.questions import is_in_gold_section
from training.recipes.tv_remote import TvQuestion
from training.votes import Correction, Signal, Votes

Kind = Literal["honest", "thumbs-up", "wrong"]

MIN_ROUGE = 0.5  # of what is shown, from which a person is content
MIN_FOUND = 0.3  # of the best span in the manual; below it the manual does not say it in one place
N_PEOPLE = 20
_N_LOOKED_AT = 20  # passages of the whole manual that are looked through where no section is named


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a passage, `passage.text[start:end]`."""

    passage: Passage
    start: int
    end: int
    rouge: float


@dataclass(frozen=True, slots=True)
class Cast:
    """How many votes of each kind were given."""

    n_up: int = 0
    n_corrected: int = 0
    n_wrong: int = 0
    n_unsaid: int = 0  # "the manuals don't say"
    n_silent: int = 0


def vote_on_all(  # noqa: PLR0913, PLR0917 - who votes on what, and how
    store: Store,
    engine: Engine,
    questions: Sequence[TvQuestion],
    kinds: Sequence[Kind],
    people: Sequence[str],
    seed: int,
) -> Cast:
    """Ask every question and vote on its answer, the n-th one by the n-th person in turn.

    `kinds` says of each question what its voter does: "honest" gives a thumbs-up where the section is right
    and ROUGE-L of what is shown is at least MIN_ROUGE, otherwise a correction to the span of the gold section
    that overlaps the gold answer best. Where the gold section is no heading of the manual, the section is not
    looked at, and the span may be anywhere. Where no manual answers, it says so. "thumbs-up" never corrects.
    "wrong" corrects to a random span.
    """
    answers, votes, lot = Answers(store), Votes(store), random.Random(seed)  # noqa: S311 - no secret
    counted: Counter[str] = Counter()
    for number, (question, kind) in enumerate(zip(questions, kinds, strict=True)):
        answer = engine.ask(question.question.text, decline=False)
        person = people[number % len(people)]
        answer_id = answers.add(answer, person)
        cut = None
        if kind == "wrong":
            cut = random_cut(engine.passages, lot)
        elif not question.question.answerable:
            if kind == "honest":
                votes.correct(_correction(answer, answer_id, person, None, float(number)))
            counted["unsaid" if kind == "honest" else "silent"] += 1
            continue
        elif content(question, answer):
            votes.add_signal(Signal(f"up-{answer_id}", answer_id, person, "button", 1, float(number)))
            counted["up"] += 1
            continue
        elif kind == "honest":
            cut = best_cut(question, engine.passages)
        if cut is None:
            counted["silent"] += 1
            continue
        votes.correct(_correction(answer, answer_id, person, cut, float(number)))
        counted["wrong" if kind == "wrong" else "corrected"] += 1
    return Cast(*(counted[name] for name in ("up", "corrected", "wrong", "unsaid", "silent")))


def content(question: TvQuestion, answer: Answer) -> bool:
    """Whether a person who knows the gold answer is content with what is shown."""
    gold, shown = question.question, answer.shown_text
    if shown is None:
        return False
    in_place = gold.section is None or is_in_gold_section(answer.hits[0].passage, gold)
    return in_place and metrics.best_over_golds(metrics.rouge_l, shown, gold.answers) >= MIN_ROUGE


def best_cut(question: TvQuestion, passages: Sequence[Passage]) -> Cut | None:
    """The run of sentences and steps that overlaps gold best; None where nothing does."""
    gold = question.question
    if gold.section is not None:
        looked_at: Iterable[Passage] = [p for p in passages if is_in_gold_section(p, gold)]
    else:
        looked_at = sorted(passages, key=lambda p: -_recall(p, gold.answers))[:_N_LOOKED_AT]
    cuts = (cut for passage in looked_at for cut in cuts_of(passage, gold.answers))
    best = max(cuts, key=lambda cut: cut.rouge, default=None)
    return best if best is not None and best.rouge >= MIN_FOUND else None


def cuts_of(passage: Passage, golds: Sequence[str]) -> Iterator[Cut]:
    """Every run of whole units of a passage with its ROUGE-L."""
    units = _units_of(passage)
    for first, unit in enumerate(units):
        for last in units[first:]:
            text = passage.text[unit.start : last.end]
            yield Cut(passage, unit.start, last.end, metrics.best_over_golds(metrics.rouge_l, text, golds))


def random_cut(passages: Sequence[Passage], lot: random.Random) -> Cut:
    """Some unit of some passage."""
    while True:
        passage = lot.choice(passages)
        cuts = [cut for cut in _units_of(passage) if cut.start < cut.end]
        if cuts:
            return lot.choice(cuts)


def _units_of(passage: Passage) -> list[Cut]:
    """The units that lie within a passage."""
    return [
        Cut(passage, unit.start - passage.start, unit.end - passage.start, 0.0)
        for unit in split_units(passage.section.text)
        if passage.start <= unit.start and unit.end <= passage.end
    ]


def _recall(passage: Passage, golds: Sequence[str]) -> float:
    return max(metrics.rouge_l_recall(passage.text, gold) for gold in golds)


def _correction(answer: Answer, answer_id: str, person: str, cut: Cut | None, at: float) -> Correction:
    """To the cut, or without one that the manuals do not say it."""
    place: dict[str, Any] = {}
    if cut is not None:
        place = {
            "passage_id": cut.passage.id,
            "passage_text": cut.passage.text,
            "start": cut.start,
            "end": cut.end,
        }
    return Correction(
        event_id=f"correction-{answer_id}",
        answer_id=answer_id,
        person=person,
        kind="span" if cut else "not_in_manuals",
        release=answer.release,
        at=at,
        **place,
    )
