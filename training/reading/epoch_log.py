"""The epochs of a run on disk, with the best one's weights: what resuming needs besides the checkpoint."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from qa_core.durable import write_file
from qa_core.errors import ModelError
from training.reading.epochs import Epoch, Figures, best_epoch
from training.reading.layers import load_trained, trained_state


class EpochLog:
    """Epochs in order, from number 0: the model before training, whose weights may be the best ones too.

    With `only_trained` they are not. Only the weights that are trained are written.
    """

    def __init__(self, folder: Path, model: PreTrainedModel, *, only_trained: bool = False) -> None:
        self._folder = folder
        self._model = model
        self._only_trained = only_trained
        self._file = folder / "epochs.json"
        self.epochs: tuple[Epoch, ...] = ()

    def keep(self, n_epochs_done: int) -> None:
        """Take up what was logged, up to the epoch that the checkpoint has behind it."""
        try:
            logged = json.loads(self._file.read_text(encoding="utf-8"))
            epochs = [_epoch(entry) for entry in logged]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{self._file} is damaged ({error}). Remove {self._folder}") from error
        self.epochs = tuple(epoch for epoch in epochs if epoch.number <= n_epochs_done)

    def add(self, epoch: Epoch) -> None:
        """Log an epoch that has just ended; its weights are kept if it is the best one so far.

        The weights of an earlier best one stay until the next epoch: the checkpoint that is on disk may
        still be of the time when they were the best.
        """
        before = self._best()
        self.epochs = (*self.epochs, epoch)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._remove_all_but(before)
            if self._best() is epoch:
                self._save_weights(self._weights(epoch))
            write_file(self._file, json.dumps([asdict(each) for each in self.epochs], indent=1))
        except (OSError, SafetensorError) as error:
            raise ModelError(
                f"The epoch cannot be kept in {self._folder} ({error}). Free some disk space and run again: "
                "training goes on from the last checkpoint"
            ) from error

    def load_best(self) -> None:
        """Put the best epoch's weights into the model."""
        best = self._best()
        if best is not None:
            load_trained(self._model, load_file(self._weights(best)))
        self._model.train(False)

    def _best(self) -> Epoch | None:
        return best_epoch(self.epochs, only_trained=self._only_trained)

    def _save_weights(self, path: Path) -> None:
        tensors = {n: t.detach().cpu().contiguous() for n, t in trained_state(self._model).items()}
        partial = self._folder / "weights.partial"
        try:
            save_file(tensors, partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)  # a half of it, where the disk is full

    def _weights(self, epoch: Epoch) -> Path:
        return self._folder / f"epoch-{epoch.number}.safetensors"

    def _remove_all_but(self, kept: Epoch | None) -> None:
        for path in self._folder.glob("epoch-*.safetensors"):
            if kept is None or path != self._weights(kept):
                path.unlink()


def _epoch(entry: dict[str, object]) -> Epoch:
    figures = entry["figures"]
    return Epoch(
        number=int(str(entry["number"])),
        train_loss=None if entry["train_loss"] is None else float(str(entry["train_loss"])),
        figures=Figures(**figures) if isinstance(figures, dict) else None,
    )
