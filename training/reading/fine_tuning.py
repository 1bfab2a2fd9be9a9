"""Fine-tune a span reader on triplets: split → features → train and validate, epoch by epoch → report."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from transformers import PreTrainedModel

from qa_core.errors import DataError
from qa_core.inference.span_model import has_fresh_head, mark_head_trained
from qa_core.windows import Windower
from training.features import Feature, make_features
from training.reading.epoch_log import EpochLog
from training.reading.epochs import Epoch, best_epoch, observation, stops_early
from training.reading.examples import Example
from training.reading.fine_tune_report import FineTuneReport, ReportedEpoch
from training.reading.fine_tune_settings import FineTuneSettings
from training.reading.layers import most_layers, undone_on_error
from training.reading.loading import LeftOut, LoadedTriplets
from training.reading.span_training import OnProgress, ReaderTraining, SpanTrainingSettings, TrainingData
from training.reading.split import Split, split_by_context
from training.reading.validation import validate


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is trained and validated on, and what was noted when it was loaded."""

    split: Split
    left_out: tuple[LeftOut, ...]
    n_placed: int

    @classmethod
    def of(
        cls, triplets: LoadedTriplets, validation: LoadedTriplets | None, settings: FineTuneSettings
    ) -> Prepared:
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
        self._model = model
        self._fresh_head = has_fresh_head(model)
        settings = settled(settings, model, fresh_head=self._fresh_head)
        self._data = data
        self._settings = settings
        self._validation = split.validation
        self._validation_features = make_features(split.validation, windower)
        train = trainable(make_features(split.train, windower), split.train)
        if not train:
            raise DataError("No answer fits in one window of the model. Give shorter answers")
        self._train_features = train
        self._n_unfit = len(split.train) - len({feature.example_index for feature in train})
        self._log = EpochLog(work, model, only_trained=settings.keeps_trained)
        self._training = ReaderTraining(
            model,
            TrainingData([train] * settings.n_epochs, identity_of(model, split, settings)),
            loop_settings(settings),
            work,
        )

    def run(self, watch: Watch) -> FineTuneReport:
        """Train until the end or until patience is over; leaves the best epoch's weights in the model.

        Raises ModelError for a loss that is not finite or a full disk, `Interrupted` on Ctrl-C. The model is
        then as it was before.
        """
        with undone_on_error(self._model):
            return self._run(watch)

    def _run(self, watch: Watch) -> FineTuneReport:
        started = time.monotonic()
        resumed = self._training.resume()
        self._training.forward.keep_below(
            self._settings.n_frozen_layers or 0, [*self._train_features, *self._validation_features]
        )
        if not resumed:
            self._end_epoch(0, None)
            self._training.checkpoint()
        self._log.keep(self._training.n_epochs_done)
        for reported in self._reported():
            watch.on_epoch(reported)

        def end_epoch(number: int, train_loss: float) -> bool:
            self._end_epoch(number, train_loss)
            watch.on_epoch(self._reported()[-1])
            return not self._stops(self._log.epochs)

        if not self._stops(self._log.epochs):
            self._training.run(watch.on_progress, end_epoch)
        self._log.load_best()
        if self._best > 0:
            mark_head_trained(self._model)
        return self._report(time.monotonic() - started)

    def _end_epoch(self, number: int, train_loss: float | None) -> None:
        figures = None
        if self._validation:
            figures = validate(self._training.forward, self._validation, self._validation_features)
        self._log.add(Epoch(number, train_loss, figures))

    def _stops(self, epochs: Sequence[Epoch]) -> bool:
        settings = self._settings
        return stops_early(epochs, settings.patience, only_trained=settings.keeps_trained)

    @property
    def _best(self) -> int:
        best = best_epoch(self._log.epochs, only_trained=self._settings.keeps_trained)
        return 0 if best is None else best.number

    def _reported(self) -> tuple[ReportedEpoch, ...]:
        """The epochs so far, each as it looked when it ended."""
        epochs, n_epochs = self._log.epochs, self._settings.n_epochs
        seen = [epochs[: n + 1] for n in range(len(epochs))]
        return tuple(
            ReportedEpoch(each[-1], observation(each, n_epochs, stops=self._ends_early(each)))
            for each in seen
        )

    def _ends_early(self, epochs: Sequence[Epoch]) -> bool:
        return epochs[-1].number < self._settings.n_epochs and self._stops(epochs)

    def _report(self, seconds: float) -> FineTuneReport:
        epochs, forward, split = self._reported(), self._training.forward, self._data.split
        return FineTuneReport(
            epochs=epochs,
            best=self._best,
            stopped_early=epochs[-1].epoch.number < self._settings.n_epochs,
            n_train=len(split.train),
            n_answered=sum(example.answer is not None for example in split.train),
            n_validation=len(split.validation),
            n_shared=n_shared(split),
            n_windows=len(self._train_features),
            n_unfit=self._n_unfit,
            n_placed=self._data.n_placed,
            left_out=self._data.left_out,
            fresh_head=self._fresh_head,
            settings=asdict(self._settings),
            identity=self._training.data.identity,
            dtype=str(forward.dtype).removeprefix("torch."),
            device=forward.device.type,
            seconds=seconds,
            missed_share=self._data.split.missed_share,
        )


def settled(settings: FineTuneSettings, model: PreTrainedModel, *, fresh_head: bool) -> FineTuneSettings:
    """The settings with what they leave to the model: how many layers are frozen, and the learning rate."""
    n_frozen = settings.n_frozen_layers
    if n_frozen is None:
        n_frozen = 0 if fresh_head or settings.embedding_rate else most_layers(model)
    rate = settings.rate_for(fresh_head=fresh_head, n_frozen_layers=n_frozen)
    return replace(settings, learning_rate=rate, n_frozen_layers=n_frozen)


def loop_settings(settings: FineTuneSettings) -> SpanTrainingSettings:
    """The settings of the training loop, from settled ones."""
    assert settings.learning_rate is not None
    assert settings.n_frozen_layers is not None
    return SpanTrainingSettings(
        learning_rate=settings.learning_rate,
        embedding_rate=settings.embedding_rate,
        warmup=settings.warmup,
        weight_decay=settings.weight_decay,
        batch_size=settings.batch_size,
        seed=settings.seed,
        checkpoint_every=settings.checkpoint_every,
        average_from=2.0,
        dtype=settings.dtype,
        n_frozen_layers=settings.n_frozen_layers,
    )


def n_shared(split: Split) -> int:
    """How many validation questions are on a context that is trained on."""
    contexts = {example.context for example in split.train}
    return sum(example.context in contexts for example in split.validation)


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
