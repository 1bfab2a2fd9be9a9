"""What each epoch brought: its figures, when to stop, and what is to be seen in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MIN_FOR_F1 = 50  # validation questions; with fewer one answer moves F1 by points, and the loss decides
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

    @property
    def rank(self) -> tuple[float, ...]:
        """Higher is better: by F1 in whole points, exact match, loss; by loss alone of few questions."""
        if self.n_questions < MIN_FOR_F1:
            return (-self.loss,)
        return (round(self.f1), self.exact_match, -self.loss)


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch; number 0 is the model before training. `figures` is None without a validation part."""

    number: int
    train_loss: float | None
    figures: Figures | None

    @property
    def loss(self) -> float | None:
        """The loss of the validation part, or of the training part where there is none."""
        return self.train_loss if self.figures is None else self.figures.loss


def best_epoch(epochs: Sequence[Epoch], *, only_trained: bool = False) -> Epoch | None:
    """The epoch of the highest rank, the earliest of equals; the last one without a validation part.

    The model before training is a candidate too, unless `only_trained` or nothing was measured.
    """
    trained = [epoch for epoch in epochs if epoch.number > 0]
    candidates = trained if only_trained else epochs
    measured = [(epoch, epoch.figures) for epoch in candidates if epoch.figures is not None]
    if measured:
        return max(measured, key=lambda pair: pair[1].rank)[0]
    return trained[-1] if trained else None


def stops_early(epochs: Sequence[Epoch], patience: int, *, only_trained: bool = False) -> bool:
    """Whether the last `patience` epochs all failed to be better than the best one before them."""
    best = best_epoch(epochs, only_trained=only_trained)
    if best is None or epochs[-1].figures is None:
        return False
    return epochs[-1].number - best.number >= patience


def observation(epochs: Sequence[Epoch], n_epochs: int, *, stops: bool = False) -> str:
    """What the last of `epochs` shows against the best one before it, the model before training included.

    `n_epochs` are planned; `stops` tells that training stops early after this one.
    """
    now, best = epochs[-1], best_epoch(epochs[:-1])
    if now.number == 0:
        return "before training"
    if now.figures is None:
        return _without_validation(epochs)
    if best is None or best.figures is None:
        return "best so far (the first epoch)"
    change = _Change(best.number, best.figures, now.figures)
    if best_epoch(epochs) is now:
        first = "" if now.number == 1 else "best so far, "
        return first + change.gain(is_last=now.number == n_epochs)
    return _not_improved(epochs, change) + (": stopping early" if stops else "")


@dataclass(frozen=True, slots=True)
class _Change:
    """An epoch's figures against those of the best one before it."""

    best: int  # the number of that one
    was: Figures
    now: Figures

    def gain(self, *, is_last: bool) -> str:
        """How the new best one is better."""
        if self.now.loss < self.was.loss:
            more = ": more epochs may help" if is_last and self._still_falling and not self.drop else ""
            return self.loss_fall + more
        return f"{self._rise}, but the loss does not fall {_arrow(self.was.loss, self.now.loss)}"

    @property
    def loss_fall(self) -> str:
        """How far the loss fell, and what fell with it that should not."""
        than = "before training" if self.best == 0 else f"epoch {self.best}"
        drop = f", but {self.drop}" if self.drop else ""
        if self._still_falling:
            return f"loss still falling ({self._share:.0%} below {than}){drop}"
        return f"loss hardly falls any more ({self._share:.1%} below {than}){drop}"

    @property
    def drop(self) -> str | None:
        """That F1, in whole points, or at the same F1 exact match is lower."""
        if round(self.now.f1) != round(self.was.f1):
            return f"F1 falls {_arrow(self.was.f1, self.now.f1, 1)}" if self.now.f1 < self.was.f1 else None
        if self.now.exact_match < self.was.exact_match:
            return f"exact match falls {_arrow(self.was.exact_match, self.now.exact_match, 1)}"
        return None

    @property
    def _rise(self) -> str:
        if round(self.now.f1) > round(self.was.f1):
            return f"F1 rises {_arrow(self.was.f1, self.now.f1, 1)}"
        return f"exact match rises {_arrow(self.was.exact_match, self.now.exact_match, 1)}"

    @property
    def _share(self) -> float:
        return (self.was.loss - self.now.loss) / self.was.loss if self.was.loss else 0.0

    @property
    def _still_falling(self) -> bool:
        return self._share >= _STILL_FALLING


def _not_improved(epochs: Sequence[Epoch], change: _Change) -> str:
    if change.now.loss < change.was.loss:
        return change.loss_fall
    drop = f", and {change.drop}" if change.drop else ""
    overfits = _overfitting(epochs)
    if overfits:
        return overfits + drop
    if change.best > 0:
        return f"validation no longer improves (best: epoch {change.best}){drop}"
    worse = "worse" if change.now.loss > change.was.loss or drop else "no better"
    why = "the data or the learning rate may not fit"
    return f"{worse} than before training ({change.was.loss:.3f}){drop}; {why}"


def _overfitting(epochs: Sequence[Epoch]) -> str | None:
    now, last = epochs[-1], epochs[-2]
    if now.train_loss is None or last.train_loss is None or now.figures is None or last.figures is None:
        return None
    if now.train_loss >= last.train_loss or now.figures.loss <= last.figures.loss:
        return None
    return (
        f"overfitting: training loss falls {_arrow(last.train_loss, now.train_loss)} "
        f"while validation rises {_arrow(last.figures.loss, now.figures.loss)}"
    )


def _without_validation(epochs: Sequence[Epoch]) -> str:
    now, last = epochs[-1], epochs[-2] if len(epochs) > 1 else None
    if last is None or last.train_loss is None or now.train_loss is None:
        return "training loss only: there is no validation part"
    direction = "falls" if now.train_loss < last.train_loss else "no longer falls"
    return f"training loss {direction} {_arrow(last.train_loss, now.train_loss)}; no validation part"


def _arrow(was: float, now: float, digits: int = 3) -> str:
    return f"({was:.{digits}f} → {now:.{digits}f})"
