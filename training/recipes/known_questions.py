"""How much a known question counts: the study behind `qa_core/known.py`.

    python -m training.recipes.known_questions DATA [--work DIR]

TV-Remote, seeds 0 to 2, ranking and reader included. The questions of half A, without the paraphrased ones,
are known with the passage that says the gold answer best. Section hit@1 for each least likeness and weight:

- `held out`: a fifth of half A's questions, whole groups of near-duplicates, is taken out of what is known.
  New questions must not be drawn to known passages: what loses there is out.
- `paraphrases`: those of half A must find the passage of the question that was voted on.
- `half B`: other questions on other sections; without those that half A has nearly word for word, since some
  of them have another gold section than their twin, and what was voted on for one is found for the other.

Chosen was what the paraphrases gain most by while half A's held-out questions lose nothing and half B loses
half a point at most. With nothing known hit@1 is 0.792 / 0.864 / 0.796, in half B with the twins 0.795; from
likeness 0.65 with weight 8 0.792 / 0.981 / 0.789, with the twins 0.775. Other rules, tried with 30 passages
read, where nothing known gives 0.785 / 0.880 / 0.795: cosines alone from 0.8 with weight 2, as before,
0.785 / 0.903 / 0.797, and with weight 8 0.777 / 0.965 / 0.78; the mean of cosine and overlap in place of
their geometric mean, from 0.7 with weight 8, 0.785 / 0.965 / 0.791; a logistic model of cosine, overlap, rare
words' overlap and how far the known passage is behind, fitted on half A's pairs, 0.73 / 0.95 / 0.73.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_core.engine import N_READ, Engine, Found
from qa_core.known import Wording, likeness
from qa_core.ranking import rank_score
from qa_core.settings import Settings
from training.feedback.near_duplicates import near_duplicates
from training.feedback.question_groups import Asked, same_answers, take_sides
from training.measuring.metrics import mean
from training.measuring.questions import is_in_section
from training.recipes.corpora import Corpora
from training.recipes.gathering import Gathering
from training.recipes.halves import SEEDS, split_halves
from training.recipes.simulated_votes import Cut, best_cut
from training.recipes.tv_remote import TvQuestion, manual_path, read_tv_questions

Floats = NDArray[np.float64]

LEAST = (0.55, 0.6, 0.65, 0.7, 0.75)
WEIGHTS = (2.0, 4.0, 8.0, 12.0)
TWINS = 0.95  # likeness from which two questions are one
N_LOTS = 4  # ways to hold out a fifth of half A
HELD_OUT_SHARE = 0.2
_DEPTH = 20  # passages that are read of each question: what is lifted comes from there


@dataclass(frozen=True, slots=True)
class DeepFinder:
    """An engine that reads more passages than an answer needs."""

    engine: Engine

    def find(self, question: str, product: str | None = None) -> Found:
        """The first _DEPTH hits, all read."""
        models = self.engine.models
        vector = models.encoder.encode_question(question)
        hits = models.index.search(question, vector, _DEPTH, product)
        return Found(question, question, vector, hits, models.reader.read(question, hits))


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what is found for it, nothing known."""

    asked: TvQuestion
    found: Found
    scores: Floats  # [readings], what the passages are ranked by
    right: NDArray[np.bool_]  # [readings]
    cut: Cut | None  # what people would have chosen

    def is_hit(self, lift: Floats) -> bool:
        """Whether the right section comes first, with so much added to each reading's score."""
        retrieved = np.array([reading.hit.score for reading in self.found.readings]) + lift
        read = np.argsort(-retrieved, kind="stable")[:N_READ]
        return bool(self.right[read[np.argmax((self.scores + lift)[read])]])


@dataclass(frozen=True, slots=True)
class Study:
    """All questions, and how alike any two of them are."""

    cases: tuple[Case, ...]
    likenesses: Floats  # [cases, cases]

    def hits(self, rows: Sequence[int], known: Sequence[int], least: float, weight: float) -> float | None:
        """Section hit@1 of these questions, `known` being known."""
        told = [row for row in rows if self.cases[row].asked.question.section is not None]
        return mean([float(self.cases[row].is_hit(self._lift(row, known, least, weight))) for row in told])

    def _lift(self, row: int, known: Sequence[int], least: float, weight: float) -> Floats:
        lifts: dict[str, float] = {}
        for other in known:
            cut, beyond = self.cases[other].cut, self.likenesses[row, other] - least
            if cut is not None and beyond > 0:
                lifts[cut.passage.id] = max(lifts.get(cut.passage.id, 0.0), weight * beyond)
        readings = self.cases[row].found.readings
        return np.array([lifts.get(reading.hit.passage.id, 0.0) for reading in readings])


def read_study(data: Path, work: Path) -> Study:
    """Ask and read everything once."""
    corpora = Corpora(replace(Settings.load(), home=work / "home"))
    engine = corpora.engine([manual_path(data)])
    kept = Gathering(work / "found", f"{engine.models.encoder.digest} {engine.models.reader.digest}")
    questions = read_tv_questions(data)
    deep = partial(DeepFinder, engine)
    of_tv = kept.on(manual_path(data))
    samples = of_tv.read_all(deep, [each.question for each in questions], "TV questions, read deep")
    cases = tuple(_case(engine, each, s.found) for each, s in zip(questions, samples, strict=True))
    vectors = np.stack([case.found.vector for case in cases])
    wordings = [Wording.of(case.found.asked) for case in cases]
    cosines = vectors @ vectors.T
    likenesses = [
        [likeness(float(cosines[i, j]), one, other) for j, other in enumerate(wordings)]
        for i, one in enumerate(wordings)
    ]
    return Study(cases, np.array(likenesses))


def _case(engine: Engine, asked: TvQuestion, found: Found) -> Case:
    section = asked.question.section
    scores = [rank_score(found.asked, each, engine.ranking) for each in found.readings]
    right = [section is not None and is_in_section(each.hit.passage, section) for each in found.readings]
    return Case(asked, found, np.array(scores), np.array(right), best_cut(asked, engine.passages))


def parts(study: Study) -> Iterator[tuple[list[int], list[int], list[int]]]:
    """Rows of what is voted on, of its paraphrases, and of half B; for each seed."""
    for seed in SEEDS:
        halves = split_halves([case.asked.group for case in study.cases], seed)
        paraphrased = [i for i in halves.a if study.cases[i].asked.kind.startswith("Paraphrased")]
        yield [i for i in halves.a if i not in set(paraphrased)], paraphrased, list(halves.b)


def held_out(study: Study, rows: Sequence[int], lot: int) -> tuple[list[int], list[int]]:
    """The rows to know, and the rows held out as a retraining holds them out."""
    chosen = [(i, cut) for i in rows if (cut := study.cases[i].cut) is not None]
    texts = [study.cases[i].found.asked for i, _ in chosen]
    asked = [
        Asked(str(i), text, cut.passage.id, cut.start, cut.end)
        for (i, cut), text in zip(chosen, texts, strict=True)
    ]
    vectors = np.stack([study.cases[i].found.vector for i, _ in chosen])
    pairs = near_duplicates(texts, vectors) | same_answers(asked)
    sides = take_sides(asked, pairs, {}, HELD_OUT_SHARE, lot).parts
    known, rest = ([i for i, _ in chosen if sides.get(str(i)) == part] for part in ("training", "held_out"))
    return known, rest


def row(study: Study, least: float, weight: float) -> list[float]:
    """Section hit@1 of what was held out of half A, of the paraphrases, and of half B without and with twins:
    means over the seeds."""
    figures: list[list[float | None]] = [[], [], [], []]
    for voted, paraphrased, half_b in parts(study):
        lots = [held_out(study, voted, lot) for lot in range(N_LOTS)]
        figures[0] += [study.hits(rest, known, least, weight) for known, rest in lots]
        others = [i for i in half_b if study.likenesses[i, voted].max() < TWINS]
        for column, rows in zip(figures[1:], (paraphrased, others, half_b), strict=True):
            column.append(study.hits(rows, voted, least, weight))
    return [mean([each for each in column if each is not None]) or 0.0 for column in figures]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder with tv-remote/")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/known"), metavar="DIR")
    options = parser.parse_args()
    study = read_study(options.data, options.work)
    names = ("held out", "paraphrases", "half B", "with twins")
    print(f"{'hit@1':24}" + "".join(f"{name:>13}" for name in names))
    for least, weight in [(1.0, 0.0), *((each, weight) for each in LEAST for weight in WEIGHTS)]:
        name = f"from {least}, weight {weight}" if weight else "nothing known"
        print(f"{name:24}" + "".join(f"{value:>13.3f}" for value in row(study, least, weight)))


if __name__ == "__main__":
    main()
