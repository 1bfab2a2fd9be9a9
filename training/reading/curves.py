"""Learning curves as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.errors import DataError
from training.measuring.drawing import new_figure, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from training.reading.epochs import Epoch
    from training.reading.fine_tune_report import FineTuneReport


def draw_curves(report: FineTuneReport, path: Path) -> None:
    """Loss of training and validation, and accuracy, exact match and F1 over the epochs, 0 to 100."""
    figure = new_figure()
    left, right = figure.subplots(1, 2)
    epochs = [reported.epoch for reported in report.epochs]
    _draw_losses(left, epochs)
    _draw_figures(right, epochs)
    for axes in (left, right):
        axes.axvline(report.best, color="0.6", linestyle=":", label=f"kept: epoch {report.best}")
        axes.set_xlabel("epoch")
        axes.set_xticks([epoch.number for epoch in epochs])
        axes.legend(frameon=False)
    try:
        path.write_bytes(png(figure))
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror}). Free some disk space") from error


def _draw_losses(axes: Axes, epochs: Sequence[Epoch]) -> None:
    trained = [(e.number, e.train_loss) for e in epochs if e.train_loss is not None]
    validated = [(e.number, e.figures.loss) for e in epochs if e.figures is not None]
    for points, label in ((trained, "training"), (validated, "validation")):
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=label)
    axes.set_title("Loss")


def _draw_figures(axes: Axes, epochs: Sequence[Epoch]) -> None:
    measured = [(e.number, e.figures) for e in epochs if e.figures is not None]
    for label, values in (
        ("accuracy", [100 * figures.accuracy for _, figures in measured]),
        ("exact match", [figures.exact_match for _, figures in measured]),
        ("F1", [figures.f1 for _, figures in measured]),
    ):
        if values:
            axes.plot([number for number, _ in measured], values, marker="o", label=label)
    axes.set_ylim(0, 100)
    axes.set_title("Validation, %")
