"""Training on several passages of a question together: which of them answers, and where.

A reader that sees one passage at a time learns where an answer stands, not which passage to believe: its
scores are not comparable between passages (Clark and Gardner 2018, "Simple and Effective Multi-Paragraph
Reading Comprehension"). Here what supports each passage goes into one softmax over a question's passages,
beside what retrieval says of them already, so that the reader learns what retrieval does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel

from qa_core.ranking import SQUASHED_AT
from qa_core.windows import Windower
from training.features import Feature, make_features
from training.reading.distillation import distilled_loss
from training.reading.examples import Example
from training.reading.span_forward import SORTED_BATCHES, Batch, allowed_tokens, span_loss
from training.reading.span_training import ReaderTraining, SpanTrainingSettings, TrainingData

N_PASSAGES = 6  # of each question: batches of one size are computed faster
_LOWEST = -1e4  # the logit of what may not be a start or an end


@dataclass(frozen=True, slots=True)
class PassageGroup:
    """A question on N_PASSAGES passages; those that answer it have their span."""

    examples: tuple[Example, ...]
    scores: tuple[float, ...]  # what speaks for each beside the reader, as log-odds
    rehearsed: bool = False  # whether the reader is to keep what it believed of these windows


@dataclass(frozen=True, slots=True)
class GroupedFeatures:
    """One window of each passage, N_PASSAGES a question, one question after the other."""

    features: tuple[Feature, ...]
    scores: tuple[tuple[float, ...], ...]  # of each question
    rehearsed: tuple[bool, ...]  # each question

    @classmethod
    def of(cls, groups: Sequence[PassageGroup], windower: Windower) -> GroupedFeatures:
        """Of a passage that answers the window with the answer, of another its first.

        A question is left out where no window holds its answer whole.
        """
        features: list[Feature] = []
        kept: list[PassageGroup] = []
        for group in groups:
            windows = [_window(example, windower) for example in group.examples]
            found = [window for window in windows if window is not None]
            if len(found) == N_PASSAGES:
                features += found
                kept.append(group)
        return cls(tuple(features), tuple(g.scores for g in kept), tuple(g.rehearsed for g in kept))

    @property
    def rehearsed_rows(self) -> list[int]:
        """The numbers of the features that are rehearsed: of these alone beliefs are needed."""
        return [i for i in range(len(self.features)) if self.rehearsed[i // N_PASSAGES]]

    @property
    def rehearsed_features(self) -> list[Feature]:
        """These features, in their order."""
        return [self.features[i] for i in self.rehearsed_rows]


@dataclass(frozen=True, slots=True)
class Shares:
    """What counts how much in the loss."""

    labels: float = 0.6
    kept: float = 0.5  # what the reader believed before, of what is rehearsed
    together: float = 1.0  # the softmax over a question's passages
    support: float = 0.45  # of a passage's squashed odds, in that softmax
    scores: float = 0.5  # of what speaks for it beside the reader; less than all leaves more to learn


class PassageTraining(ReaderTraining):
    """A training run over the same questions once or several times. `settings.batch_size` counts windows."""

    def __init__(
        self,
        model: PreTrainedModel,
        data: TrainingData,
        grouped: GroupedFeatures,
        settings: SpanTrainingSettings,
        folder: Path,
    ) -> None:
        """`data` has the features of `grouped` in each epoch, and beliefs of those that are rehearsed."""
        self._grouped, self._shares = grouped, Shares()
        self._belief_of = {i: row for row, i in enumerate(grouped.rehearsed_rows)}  # by the feature's number
        super().__init__(model, data, settings, folder)

    def _batches(self, features: Batch, seed: int) -> list[list[int]]:
        """Whole questions, those of like length together."""
        rng = np.random.default_rng(seed)
        n_together = max(1, self.settings.batch_size // N_PASSAGES)
        lengths = np.array([len(f.window.input_ids) for f in features]).reshape(-1, N_PASSAGES).max(axis=1)
        batches: list[list[int]] = []
        for drawn in _chunks(rng.permutation(len(lengths)).tolist(), n_together * SORTED_BATCHES):
            batches += _chunks(sorted(drawn, key=lambda question: int(lengths[question])), n_together)
        return [
            [question * N_PASSAGES + n for question in batches[i] for n in range(N_PASSAGES)]
            for i in rng.permutation(len(batches))
        ]

    def _loss(self, epoch: int, indexes: Sequence[int], batch: Batch) -> torch.Tensor:
        logits, shares = self.forward(batch), self._shares
        questions = [index // N_PASSAGES for index in indexes[::N_PASSAGES]]
        loss = shares.labels * span_loss(logits, batch)
        rows = [row for row, i in enumerate(indexes) if i in self._belief_of]
        if rows:
            of_rows = [self._belief_of[indexes[row]] for row in rows]
            believed = self.data.beliefs[epoch].batch(of_rows, logits[0].shape[1])
            own = (logits[0][rows], logits[1][rows])
            kept = distilled_loss(own, [batch[row] for row in rows], believed, self.settings.temperature)
            loss = loss + shares.kept * kept
        scores = torch.tensor([self._grouped.scores[question] for question in questions])
        total = shares.support * squashed_odds(logits, batch).view(-1, N_PASSAGES)
        total = total + shares.scores * scores.to(total)
        return loss + shares.together * passage_loss(total, answers_of(batch).view(-1, N_PASSAGES))


def squashed_odds(logits: tuple[torch.Tensor, torch.Tensor], batch: Batch) -> torch.Tensor:
    """`[windows]`: all starts and ends together against "no answer", squashed as in ranking."""
    allowed = allowed_tokens(batch, logits[0].shape[1]).to(logits[0].device)
    rows = torch.arange(len(batch))
    nulls = torch.tensor([feature.window.null_token for feature in batch])
    odds = torch.zeros(len(batch), device=logits[0].device)
    for scores in logits:
        possible = scores.float().masked_fill(~allowed, _LOWEST)
        spans = possible.clone()
        spans[rows, nulls] = _LOWEST
        odds = odds + torch.logsumexp(spans, dim=1) - possible[rows, nulls]
    return SQUASHED_AT * torch.tanh(odds / SQUASHED_AT)


def answers_of(batch: Batch) -> torch.Tensor:
    """`bool [windows]`: whether the window holds an answer."""
    return torch.tensor([feature.start != feature.window.null_token for feature in batch])


def passage_loss(scores: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Mean negative log-likelihood of the passages that answer, `[questions, passages]` each.

    Questions that none or all of the passages answer tell nothing; without others it is 0.
    """
    answers = answers.to(scores.device)
    tell = answers.any(dim=1) & ~answers.all(dim=1)
    if not tell.any():
        return scores.sum() * 0.0
    right = scores.masked_fill(~answers, _LOWEST)
    return (torch.logsumexp(scores, dim=1) - torch.logsumexp(right, dim=1))[tell].mean()


def _chunks(numbers: list[int], size: int) -> list[list[int]]:
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def _window(example: Example, windower: Windower) -> Feature | None:
    features = make_features([example], windower)
    if example.start is None:
        return features[0]
    return next((f for f in features if f.start != f.window.null_token), None)
