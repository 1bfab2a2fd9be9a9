"""How a release is retrained. `training.recipes.feedback_transfer` shows what the settings do."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.feedback.triplet import Rules
from training.gate import GateSettings
from training.reading.fine_tune_settings import FineTuneSettings
from training.retraining.rehearsal import MAX_QUESTIONS
from training.retrieval.interpolation import Shares
from training.retriever import RetrieverSettings


def _reader_settings() -> FineTuneSettings:
    """One epoch: what a second one learned was not taken over in any of the trials, and took two minutes."""
    return FineTuneSettings(n_epochs=1, validation_share=0.0, patience=1)


def _retriever_settings() -> RetrieverSettings:
    """One epoch: after three the loss on some hundred questions is 0.01, and two more minutes are gone."""
    return RetrieverSettings(n_epochs=1)


@dataclass(frozen=True, slots=True)
class RetrainSettings:
    """The settings of one retraining."""

    reader: FineTuneSettings = field(default_factory=_reader_settings)
    retriever: RetrieverSettings = field(default_factory=_retriever_settings)
    gate: GateSettings = field(default_factory=GateSettings)
    rules: Rules = field(default_factory=Rules)
    choosing_share: float = 0.25  # of the training triplets, set aside to choose settings by
    n_rehearsed: int = MAX_QUESTIONS  # questions; 0: no rehearsal
    shares: Shares = field(default_factory=Shares)  # of the new weights
    min_triplets: int = 10  # to train on; with fewer nothing is begun
    train_reader: bool = True
    train_encoder: bool = True
    remember: bool = True  # the questions themselves, see qa_core/known.py
