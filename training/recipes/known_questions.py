"""How much a known question counts: the study behind `qa_core/known.py`.

    python -m training.recipes.known_questions DATA

Retrieval alone, TV-Remote, seeds 0 to 2. The questions of half A, without the paraphrased ones, are known
with the passage that says the gold answer best. Looked at for each least cosine and weight:

- `held out`: a fifth of half A's questions, whole groups of near-duplicates, is taken out of what is known.
  New questions must not be pulled to known passages: what loses there is out.
- `paraphrases`: those of half A must find the passage of the question that was voted on.
- `half B`: other questions on other sections.

Chosen was the least cosine at which half A's held-out questions lose nothing; the weight was picked with half
B and the paraphrases in view, and those figures are optimistic for it. With nothing known hit@1 is
0.665 / 0.784 / 0.707. Questions known from cosine 0.75 with weight 2 give 0.663 / 0.936 / 0.694, from 0.8
0.665 / 0.920 / 0.700, from 0.6 0.648 / 0.975 / 0.648. Other ways, paraphrases / half B: the question as one
more vector of its passage 0.971 / 0.647, its words in the passage's BM25 0.895 / 0.700, both 0.977 / 0.618;
a linear map of all vectors trained on the same pairs 0.904 / 0.702. With every fifth question known with a
random passage: 0.92 / 0.68 to 0.69 by cosine, 0.822 / 0.626 for both; with all of them random 0.77 / 0.70 and
0.160 / 0.680. (These figures are from a run that also knew the questions whose section is no heading.)
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa_core.encoder import Encoder, shipped_encoder_dir
from qa_core.index import embedding_text, lexical_text
from qa_core.lexical import Lexical
from training.metrics import mean
from training.question_groups import Asked, near_duplicates, same_answers, take_sides
from training.recipes.fusion import Study, read_study
from training.recipes.simulated_votes import Cut, best_cut

Floats = NDArray[np.float32]

LEAST_COSINES = (0.6, 0.7, 0.75, 0.8, 0.85)
WEIGHTS = (1.0, 2.0, 4.0)
N_LOTS = 6  # ways to hold out a fifth of half A
HELD_OUT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Searched:
    """The study's questions as the search sees them."""

    study: Study
    scores: Floats  # [questions, passages], nothing known
    vectors: Floats  # [questions, dim], unit vectors
    cuts: tuple[Cut | None, ...]  # what people would have chosen
    passage_row: dict[str, int]

    def lifted(self, known: Sequence[int], least_cosine: float, weight: float) -> Floats:
        """The scores with these questions (rows) known."""
        bonus = np.zeros_like(self.scores)
        for row in known:
            cut = self.cuts[row]
            if cut is not None:
                column = self.passage_row[cut.passage.id]
                lift = weight * np.maximum(0.0, self.vectors @ self.vectors[row] - least_cosine)
                bonus[:, column] = np.maximum(bonus[:, column], lift)
        return np.asarray(self.scores + bonus, dtype=np.float32)

    def hits(self, scores: Floats, rows: Sequence[int]) -> float:
        """Section hit@1 of these questions."""
        best = scores[list(rows)].argmax(axis=1)
        return float(self.study.gold[list(rows), best].mean())


def search(data: Path, encoder: Encoder) -> Searched:
    """Every question scored against every passage."""
    study = read_study(data, encoder)
    vectors = encoder.encode_questions([each.question.text for each in study.questions])
    dense = vectors @ encoder.encode([embedding_text(passage) for passage in study.passages]).T
    lexical = Lexical.build([lexical_text(passage) for passage in study.passages])
    words = np.stack([lexical.scores(each.question.text) for each in study.questions])
    cuts = tuple(best_cut(each, study.passages) for each in study.questions)
    rows = {passage.id: row for row, passage in enumerate(study.passages)}
    return Searched(study, dense + words, vectors, cuts, rows)


def parts(searched: Searched) -> Iterator[tuple[list[int], list[int], list[int]]]:
    """Rows of what is voted on, of its paraphrases, and of half B; for each seed."""
    questions = searched.study.questions
    for half_a, half_b in searched.study.halves:
        voted = [i for i in half_a if not questions[i].kind.startswith("Paraphrased")]
        yield voted, [i for i in half_a if i not in set(voted)], half_b


def held_out(searched: Searched, rows: Sequence[int], lot: int) -> tuple[list[int], list[int]]:
    """The rows to know, and the rows held out as a retraining holds them out."""
    chosen = [(i, cut) for i in rows if (cut := searched.cuts[i]) is not None]
    texts = [searched.study.questions[i].question.text for i, _ in chosen]
    asked = [
        Asked(str(i), text, cut.passage.id, cut.start, cut.end)
        for (i, cut), text in zip(chosen, texts, strict=True)
    ]
    own = [i for i, _ in chosen]
    pairs = near_duplicates(texts, searched.vectors[own]) | same_answers(asked)
    sides = take_sides(asked, pairs, {}, HELD_OUT_SHARE, lot)
    return (
        [i for i in own if sides.parts.get(str(i)) == "training"],
        [i for i in own if sides.parts.get(str(i)) == "held_out"],
    )


def row(searched: Searched, least_cosine: float, weight: float) -> tuple[float, float, float]:
    """Section hit@1 of what was held out of half A, of the paraphrases, and of half B: means over seeds."""
    out, paraphrases, others = [], [], []
    for voted, paraphrased, half_b in parts(searched):
        for lot in range(N_LOTS):
            known, rest = held_out(searched, voted, lot)
            out.append(searched.hits(searched.lifted(known, least_cosine, weight), rest))
        scores = searched.lifted(voted, least_cosine, weight)
        paraphrases.append(searched.hits(scores, paraphrased))
        others.append(searched.hits(scores, half_b))
    return mean(out) or 0.0, mean(paraphrases) or 0.0, mean(others) or 0.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder with tv-remote/")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        searched = search(options.data, Encoder.open(shipped_encoder_dir(), "onnx-int8", Path(cache), 1))
    print(f"{'hit@1':24}{'held out':>12}{'paraphrases':>14}{'half B':>10}")
    for least_cosine, weight in [(1.0, 0.0), *((c, w) for c in LEAST_COSINES for w in WEIGHTS)]:
        name = f"from {least_cosine}, weight {weight}" if weight else "nothing known"
        kept, paraphrased, other = row(searched, least_cosine, weight)
        print(f"{name:24}{kept:>12.3f}{paraphrased:>14.3f}{other:>10.3f}")


if __name__ == "__main__":
    main()
