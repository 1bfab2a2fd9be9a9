"""Fine-tune a span reader on triplets: split → features → train and validate, epoch by epoch → report."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from transformers import PreTrainedModel

from qa_core.errors import DataError
from qa_core.windows import Windower
from training.epoch_log import EpochLog
from training.epochs import Epoch, best_epoch, observation, stops_early
from training.examples import Example
from training.features import Feature, make_features
from training.fine_tune_report import FineTuneReport, ReportedEpoch
from training.loading import LeftOut, Triplets
from training.span_forward import DtypeChoice
from training.span_training import OnProgress, ReaderTraining, TrainingSettings
from training.split import Split, split_by_context
from training.validation import validate


@dataclass(frozen=True, slots=True)
class FineTuneSettings:
    """How to fine-tune on some hundreds or thousands of questions. The defaults suit a trained reader."""

    n_epochs: int = 3
    learning_rate: float = 1e-4
    batch_size: int = 16  # windows
    warmup: float = 0.1  # of all steps
    weight_decay: float = 0.01
    embedding_rate: float = 0.0  # of `learning_rate`, for the embeddings; 0 freezes them
    validation_share: float = 0.2  # of the questions, whole contexts; 0 trains on all
    patience: int = 2  # epochs without a lower validation loss before training stops early
    seed: int = 0
    checkpoint_every: int = 50  # steps; and after each epoch
    dtype: DtypeChoice = "auto"

    @property
    def training(self) -> TrainingSettings:
        """The settings of the training loop."""
        return TrainingSettings(
            learning_rate=self.learning_rate,
            embedding_rate=self.embedding_rate,
            warmup=self.warmup,
            weight_decay=self.weight_decay,
            batch_size=self.batch_size,
            seed=self.seed,
            checkpoint_every=self.checkpoint_every,
            average_from=2.0,
            dtype=self.dtype,
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is trained and validated on, and what was noted when it was loaded."""

    split: Split
    left_out: tuple[LeftOut, ...]
    n_placed: int

    @classmethod
    def of(cls, triplets: Triplets, validation: Triplets | None, settings: FineTuneSettings) -> Prepared:
        """`validation` as it is given, or the settings' share of the triplets."""
        if validation is None:
            split = split_by_context(triplets.examples, settings.validation_share, settings.seed)
            return cls(split, triplets.left_out, triplets.n_placed)
        split = Split(triplets.examples, validation.examples)
        return cls(split, triplets.left_out + validation.left_out, triplets.n_placed + validation.n_placed)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how it goes."""

    on_progress: OnProgress | None = None  # after each step
    on_epoch: Callable[[ReportedEpoch], None] = field(default=lambda _: None)  # after each epoch, and before


class FineTuning:
    """One fine-tuning run. Killed, the same one goes on in the same `work` folder to the same result."""

    def __init__(
        self,
        model: PreTrainedModel,
        windower: Windower,
        data: Prepared,
        settings: FineTuneSettings,
        work: Path,
    ) -> None:
        split = data.split
        self._data = data
        self._settings = settings
        self._validation = split.validation
        self._validation_features = make_features(split.validation, windower)
        train = trainable(make_features(split.train, windower), split.train)
        if not train:
            raise DataError("No answer fits in one window of the model. Give shorter answers")
        self._n_windows = len(train)
        self._n_unfit = len(split.train) - len({feature.example_index for feature in train})
        self._log = EpochLog(work, model)
        self._training = ReaderTraining(
            model,
            [train] * settings.n_epochs,
            settings.training,
            work,
            identity=identity_of(model, split, settings),
        )

    def run(self, watch: Watch) -> FineTuneReport:
        """Train until the end or until patience is over; leaves the best epoch's weights in the model.

        Raises ModelError for a loss that is not finite or a full disk, `Interrupted` on Ctrl-C.
        """
        started = time.monotonic()
        if not self._training.resume():
            self._end_epoch(0, None)
            self._training.checkpoint()
        self._log.keep(self._training.n_epochs_done)
        for reported in self._reported():
            watch.on_epoch(reported)

        def end_epoch(number: int, train_loss: float) -> bool:
            self._end_epoch(number, train_loss)
            watch.on_epoch(self._reported()[-1])
            return not stops_early(self._log.epochs, self._settings.patience)

        if not stops_early(self._log.epochs, self._settings.patience):
            self._training.run(watch.on_progress, end_epoch)
        self._log.load_best()
        return self._report(time.monotonic() - started)

    def _end_epoch(self, number: int, train_loss: float | None) -> None:
        figures = None
        if self._validation:
            figures = validate(self._training.forward, self._validation, self._validation_features)
        self._log.add(Epoch(number, train_loss, figures))

    def _reported(self) -> tuple[ReportedEpoch, ...]:
        epochs, settings = self._log.epochs, self._settings
        return tuple(
            ReportedEpoch(epoch, observation(epochs[: n + 1], settings.n_epochs, settings.patience))
            for n, epoch in enumerate(epochs)
        )

    def _report(self, seconds: float) -> FineTuneReport:
        epochs, forward = self._reported(), self._training.forward
        best = best_epoch(self._log.epochs)
        return FineTuneReport(
            epochs=epochs,
            best=0 if best is None else best.number,
            stopped_early=epochs[-1].epoch.number < self._settings.n_epochs,
            n_train=len(self._data.split.train),
            n_validation=len(self._validation),
            n_windows=self._n_windows,
            n_unfit=self._n_unfit,
            n_placed=self._data.n_placed,
            left_out=self._data.left_out,
            settings=asdict(self._settings),
            identity=self._training.identity,
            dtype=str(forward.dtype).removeprefix("torch."),
            device=forward.device.type,
            seconds=seconds,
            missed_share=self._data.split.missed_share,
        )


def trainable(features: Sequence[Feature], examples: Sequence[Example]) -> list[Feature]:
    """The features without those of answers that no window holds whole, which would teach "no answer"."""
    held = {f.example_index for f in features if f.start != f.window.null_token}
    return [f for f in features if f.example_index in held or examples[f.example_index].answer is None]


def identity_of(model: PreTrainedModel, split: Split, settings: FineTuneSettings) -> str:
    """A digest of the weights to begin with, the examples and the settings."""
    digest = hashlib.sha256(json.dumps(asdict(settings), sort_keys=True).encode())
    for part in (split.train, split.validation):
        digest.update(json.dumps([asdict(example) for example in part], sort_keys=True).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
