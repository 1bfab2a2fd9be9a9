"""What a slip of the keyboard in each question costs, with and without reading it in the manuals' words.

    python -m training.recipes.slips

The answerable questions on the manuals that are held out for figures, as written, and once more with one slip
in a word of at least six letters, where a question has one: a letter too many, too few or another one, or two
that changed places. Each way `qa_core/spelling.py` undoes slips, or does not.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from qa_core.engine import Engine
from qa_core.index import Index
from training.evaluate import Answerer, ask_all
from training.measuring.questions import Question
from training.recipes.corpora import temporary_corpora
from training.recipes.own_manuals import manuals_path, read_own

_WORD = re.compile(r"(?<![\w.-])[A-Za-z]{6,}(?![\w.-])")
_OTHERS = "aeinorst"  # letters that are hit in place of the right one


def with_slip(question: str, rng: random.Random) -> str:
    """The question with a slip in one of its longer words; as it is where it has none."""
    words = list(_WORD.finditer(question))
    if not words:
        return question
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    before, here, after = question[:at], question[at], question[at + 1 :]
    return rng.choice(
        (
            before + after,
            before + here * 2 + after,
            before + rng.choice(_OTHERS) + after,
            before + after[0] + here + after[1:],
        )
    )


class Uncorrected:
    """An index that takes every question as it is written."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __getattr__(self, name: str) -> Any:
        """All else is the index's."""
        return getattr(self._index, name)

    def corrected(self, question: str) -> str:
        """The question itself."""
        return question


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of the questions, 0 to 1."""

    first: float  # the right section comes first
    right: float  # what is shown helps, if nothing is declined
    declined: float

    @classmethod
    def of(cls, engine: Answerer, questions: Sequence[Question]) -> Figures:
        """Those of these answerable questions."""
        asked = ask_all(engine, questions)
        parts = ([o.section_rank == 1, o.right, o.declined] for o in asked)
        return cls(*map(float, np.mean(list(parts), axis=0)))


def figures(engine: Engine, questions: Sequence[Question], seed: int = 0) -> dict[str, Figures]:
    """By how the questions are put and read."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    slipped = [replace(question, text=with_slip(question.text, rng)) for question in questions]
    uncorrected = cast(Index, Uncorrected(engine.models.index))
    plain = Engine(replace(engine.models, index=uncorrected))
    return {
        "as written": Figures.of(plain, questions),
        "as written, corrected": Figures.of(engine, questions),
        "with a slip": Figures.of(plain, slipped),
        "with a slip, corrected": Figures.of(engine, slipped),
    }


def main() -> None:
    """Print the figures of the held-out manuals."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    questions = [own.question for own in read_own("held_out") if own.question.answerable]
    with temporary_corpora() as corpora:
        engine = corpora.engine([manuals_path("held_out")])
        print(f"{len(questions)} questions: right section first, right words, declined")
        for name, each in figures(engine, questions).items():
            print(f"{name:24} {each.first:.3f} {each.right:.3f} {each.declined:.3f}")


if __name__ == "__main__":
    main()
