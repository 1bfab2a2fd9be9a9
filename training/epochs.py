"""What each epoch brought: its figures, when to stop, and what is to be seen in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_STILL_FALLING = 0.01  # a loss that is lower by this share or more is still falling


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on the validation part."""

    loss: float  # mean cross-entropy of start and end, over the windows
    accuracy: float  # 0 to 1: mean of start and end position accuracy, over the windows
    exact_match: float  # 0 to 100, over the questions
    f1: float  # 0 to 100
    n_questions: int
    n_windows: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch; number 0 is the model before training. `figures` is None without a validation part."""

    number: int
    train_loss: float | None
    figures: Figures | None

    @property
    def loss(self) -> float | None:
        """The loss that decides: of the validation part if there is one."""
        return self.train_loss if self.figures is None else self.figures.loss


def best_epoch(epochs: Sequence[Epoch]) -> Epoch | None:
    """The trained epoch with the lowest validation loss; the last one without a validation part."""
    trained = [epoch for epoch in epochs if epoch.number > 0]
    if not trained:
        return None
    if any(epoch.figures is None for epoch in trained):
        return trained[-1]
    return min(trained, key=lambda epoch: epoch.loss or 0.0)


def stops_early(epochs: Sequence[Epoch], patience: int) -> bool:
    """Whether the last `patience` epochs all failed to lower the best validation loss."""
    best = best_epoch(epochs)
    if best is None or epochs[-1].figures is None:
        return False
    return epochs[-1].number - best.number >= patience


def observation(epochs: Sequence[Epoch], n_epochs: int, patience: int) -> str:
    """What the last of `epochs` shows, of `n_epochs` that are planned."""
    now = epochs[-1]
    if now.number == 0:
        return "before training"
    if now.figures is None:
        return _without_validation(epochs)
    best = best_epoch(epochs[:-1])
    if best is None:
        return _first(epochs, is_last=now.number == n_epochs)
    if best_epoch(epochs) is now:
        return _improved(best, now, is_last=now.number == n_epochs)
    return _not_improved(epochs, best, patience)


def _first(epochs: Sequence[Epoch], is_last: bool) -> str:
    now, before = epochs[-1], epochs[0]
    if before.number != 0 or before.loss is None or now.loss is None:
        return "best so far (the first epoch)"
    if now.loss >= before.loss:
        return f"worse than before training ({before.loss:.3f}): the data or the learning rate may not fit"
    return _fall(before.loss, now.loss, "before training", is_last)


def _improved(best: Epoch, now: Epoch, is_last: bool) -> str:
    assert best.loss is not None
    assert now.loss is not None
    return "best so far, " + _fall(best.loss, now.loss, f"epoch {best.number}", is_last)


def _fall(earlier: float, now: float, than: str, is_last: bool) -> str:
    fall = (earlier - now) / earlier if earlier else 0.0
    if fall < _STILL_FALLING:
        return f"loss hardly falls any more ({fall:.1%} below {than})"
    more = ": more epochs may help" if is_last else ""
    return f"loss still falling ({fall:.0%} below {than}){more}"


def _not_improved(epochs: Sequence[Epoch], best: Epoch, patience: int) -> str:
    now, last = epochs[-1], epochs[-2]
    assert now.figures is not None
    stopping = ": stopping early" if stops_early(epochs, patience) else ""
    trains_better = (
        now.train_loss is not None and last.train_loss is not None and now.train_loss < last.train_loss
    )
    if trains_better and last.loss is not None and now.figures.loss > last.loss:
        return (
            f"overfitting: training loss falls ({last.train_loss:.3f} → {now.train_loss:.3f}) "
            f"while validation rises ({last.loss:.3f} → {now.figures.loss:.3f}){stopping}"
        )
    return f"validation no longer improves (best: epoch {best.number}){stopping}"


def _without_validation(epochs: Sequence[Epoch]) -> str:
    now, last = epochs[-1], epochs[-2] if len(epochs) > 1 else None
    if last is None or last.train_loss is None or now.train_loss is None:
        return "training loss only: there is no validation part"
    direction = "falls" if now.train_loss < last.train_loss else "no longer falls"
    return f"training loss {direction} ({last.train_loss:.3f} → {now.train_loss:.3f}); no validation part"
