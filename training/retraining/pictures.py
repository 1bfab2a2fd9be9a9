"""The pictures of a retraining as PNG: its learning curves, and the figures before and after."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from training.measuring.drawing import new_figure, png
from training.retraining.job_folder import BEFORE_AFTER, LEARNING_CURVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from training.retraining.job_folder import JobFolder
    from training.retraining.job_report import JobReport

log = logging.getLogger(__name__)

_LEAST_HEIGHT = 0.2  # of an axis of shares: less would make much of a question or two
_GREY, _GREEN = "#9aa0a6", "#2e7d5b"


def draw_pictures(report: JobReport, folder: JobFolder) -> None:
    """Draw both pictures into the job's folder; where that fails, the log says why and the job goes on."""
    try:
        folder.write_picture(LEARNING_CURVE, learning_curve(report))
        folder.write_picture(BEFORE_AFTER, before_after(report))
    except Exception:  # whatever matplotlib raises: a release is worth more than its pictures
        log.exception("The pictures of job %d could not be drawn", report.job)


def learning_curve(report: JobReport) -> bytes:
    """Loss of the reader and of the encoder over the epochs, with what was set aside to choose by."""
    figure = new_figure()
    left, right = figure.subplots(1, 2)
    _draw_reader(left, report)
    _draw_encoder(right, report)
    return png(figure)


def before_after(report: JobReport) -> bytes:
    """Every figure of both releases, as two bars each."""
    names = [
        name
        for name, value in report.after.items()
        if value is not None and report.before.get(name) is not None
    ]
    figure = new_figure(height=0.6 + 0.36 * max(len(names), 3))
    axes = figure.subplots()
    for offset, label, values, colour in (
        (-0.2, f"{report.base} (current)", report.before, _GREY),
        (0.2, "candidate", report.after, _GREEN),
    ):
        _draw_bars(
            axes, [place + offset for place in range(len(names))], _shares(values, names), label, colour
        )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return png(figure)


def curves_over_rounds(figures: Mapping[str, Sequence[Sequence[float]]]) -> bytes:
    """Figures of what answers, before the first round of votes and after each: a panel for each figure, by
    its name, in it a line for each seed, and their mean. All lines are of one length.
    """
    figure = new_figure()
    panels = figure.subplots(1, len(figures), squeeze=False)[0]
    for axes, (name, curves) in zip(panels, figures.items(), strict=True):
        _draw_rounds(axes, curves)
        axes.set_ylabel(name)
    panels[0].legend(frameon=False)
    return png(figure)


def _draw_rounds(axes: Axes, curves: Sequence[Sequence[float]]) -> None:
    rounds = range(len(curves[0]))
    for curve in curves:
        axes.plot(rounds, curve, color=_GREY, linewidth=1)
    means = [sum(values) / len(curves) for values in zip(*curves, strict=True)]
    label = f"mean of {len(curves)} seeds" if len(curves) > 1 else "what answers"
    axes.plot(rounds, means, color=_GREEN, marker="o", linewidth=2, label=label)
    axes.axhline(means[0], color=_GREY, linestyle=":", label="before any vote")
    values = [value for curve in curves for value in curve]
    margin = max(_LEAST_HEIGHT - (max(values) - min(values)), 0.1 * _LEAST_HEIGHT) / 2
    axes.set_ylim(min(values) - margin, max(values) + margin)
    axes.set_xticks(list(rounds))
    axes.set_xlabel("rounds of votes")
    axes.spines[["top", "right"]].set_visible(False)


def _shares(values: Mapping[str, float | None], names: Sequence[str]) -> list[float]:
    return [values[name] or 0.0 for name in names]


def _draw_bars(axes: Axes, places: Sequence[float], values: Sequence[float], label: str, colour: str) -> None:
    bars = axes.barh(places, values, height=0.38, label=label, color=colour)
    axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)


def _draw_reader(axes: Axes, report: JobReport) -> None:
    epochs = [each.epoch for each in report.reader_epochs]
    trained = [(e.number, e.train_loss) for e in epochs if e.train_loss is not None]
    aside = [(e.number, e.figures.loss) for e in epochs if e.figures is not None]
    for points, label in ((trained, "training"), (aside, "set aside")):
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=label)
    _finish(axes, "Reader: loss", [e.number for e in epochs])


def _draw_encoder(axes: Axes, report: JobReport) -> None:
    epochs = report.encoder_epochs
    trained = [(e.number, e.train_loss) for e in epochs if e.train_loss is not None]
    ranks = [(e.number, e.mrr) for e in epochs if e.mrr is not None]
    for points, label in ((trained, "loss, training"), (ranks, "MRR, set aside")):
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=label)
    _finish(axes, "Encoder", [e.number for e in epochs])


def _finish(axes: Axes, title: str, numbers: Sequence[int]) -> None:
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.set_xticks(list(numbers))
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    else:
        axes.text(0.5, 0.5, "not trained", ha="center", va="center", transform=axes.transAxes)
