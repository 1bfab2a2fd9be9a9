"""What each epoch brought: its figures, when to stop, and what is to be seen in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MIN_FOR_F1 = 50  # validation questions; with fewer one answer moves F1 by points, and the loss decides
_MOST_DIGITS = 15
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
    """What the last of `epochs` shows against the one before it and the best one before it.

    The model before training is number 0 of them. `n_epochs` are planned; `stops` tells that training stops
    early after this one.
    """
    now, best = epochs[-1], best_epoch(epochs[:-1])
    if now.number == 0:
        return "before training"
    if now.figures is None:
        return _without_validation(epochs)
    if best is None or best.figures is None:
        return "best so far (the first epoch)"
    trend = _Trend([epoch.figures.loss for epoch in epochs if epoch.figures], epochs[-2].number)
    change = _Change(best.number, best.figures, now.figures, is_last=best is epochs[-2])
    if best_epoch(epochs) is now:
        first = "" if now.number == 1 else "best so far, "
        hopes = now.number == n_epochs and trend.still_falling and not change.drop
        return first + _gain(change, trend) + (": more epochs may help" if hopes else "")
    return _not_improved(epochs, change, trend) + (": stopping early" if stops else "")


@dataclass(frozen=True, slots=True)
class _Trend:
    """How the loss moves: the `losses` up to now, of which the last but one is that of epoch `number`."""

    losses: Sequence[float]
    number: int

    def __str__(self) -> str:
        was, now = self.losses[-2:]
        if now == was:
            return f"loss stays at {now:.3f}"
        if now > was:
            return f"loss rises {_arrow(was, now)}"
        if was > min(self.losses[:-1]):
            return f"loss falls {_arrow(was, now)}"
        if self.still_falling:
            return f"loss still falling ({self._share:.0%} below {_named(self.number)})"
        return f"loss hardly falls any more ({self._share:.1%} below {_named(self.number)})"

    @property
    def falls(self) -> bool:
        """Whether it is lower than in the epoch before."""
        return self.losses[-1] < self.losses[-2]

    @property
    def still_falling(self) -> bool:
        """Whether the epoch before had the lowest one, and it is lower again by a share that counts."""
        return self.losses[-2] == min(self.losses[:-1]) and self._share >= _STILL_FALLING

    @property
    def _share(self) -> float:
        was, now = self.losses[-2:]
        return (was - now) / was if was else 0.0


@dataclass(frozen=True, slots=True)
class _Change:
    """An epoch's figures against those of the best one before it."""

    best: int  # the number of that one
    was: Figures
    now: Figures
    is_last: bool  # whether that one is the epoch before

    @property
    def drop(self) -> str | None:
        """That F1, in whole points, or at the same F1 exact match is lower."""
        name, was, now = self._score
        return self._compared(name, was, now) if now < was else None

    @property
    def rise(self) -> str | None:
        """That F1, in whole points, or at the same F1 exact match is higher, where that is what decides."""
        name, was, now = self._score
        return self._compared(name, was, now) if now > was and self.now.n_questions >= MIN_FOR_F1 else None

    @property
    def lower_loss(self) -> str:
        """That the loss is below the best one's."""
        return f"loss below {_named(self.best)} {_arrow(self.was.loss, self.now.loss)}"

    @property
    def _score(self) -> tuple[str, float, float]:
        if round(self.now.f1) != round(self.was.f1):
            return "F1", self.was.f1, self.now.f1
        return "exact match", self.was.exact_match, self.now.exact_match

    def _compared(self, name: str, was: float, now: float) -> str:
        if self.is_last:
            verb = "rises" if now > was else "falls"
        else:
            verb = f"{'above' if now > was else 'below'} {_named(self.best)}"
        return f"{name} {verb} {_arrow(was, now, 1)}"


def _gain(change: _Change, trend: _Trend) -> str:
    """How the new best one is better, and what does not go with it."""
    if change.rise:
        return f"{change.rise}, {'' if trend.falls else 'but the '}{trend}"
    loss = str(trend) if trend.falls else f"{change.lower_loss}, but the {trend}"
    return loss + (f", but {change.drop}" if change.drop else "")


def _not_improved(epochs: Sequence[Epoch], change: _Change, trend: _Trend) -> str:
    if trend.falls and change.now.loss < change.was.loss:
        return f"{trend}, but {change.drop}"
    drop = f", and {change.drop}" if change.drop else ""
    overfits = _overfitting(epochs)
    if overfits:
        return overfits + drop
    if change.now.loss < change.was.loss:
        return f"{trend}{drop}"
    if change.best > 0:
        return f"validation no longer improves on epoch {change.best}{drop}"
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


def _named(number: int) -> str:
    return "before training" if number == 0 else f"epoch {number}"


def _arrow(was: float, now: float, digits: int = 3) -> str:
    """Both figures, with as many digits as tell them apart."""
    while f"{was:.{digits}f}" == f"{now:.{digits}f}" and digits < _MOST_DIGITS:
        digits += 1
    return f"({was:.{digits}f} → {now:.{digits}f})"
