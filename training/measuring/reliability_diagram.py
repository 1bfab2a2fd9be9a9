"""Reliability diagrams as PNG: what a score promises against what it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.measuring.drawing import new_figure, png
from training.measuring.reliability import Reliability

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_reliability(panels: Sequence[tuple[str, Reliability]], path: Path) -> None:
    """One panel for each titled score, side by side: share right over mean score, counts below."""
    figure = new_figure(4.6 * len(panels), 5.6)
    axes = figure.subplots(2, len(panels), squeeze=False, sharex=True, height_ratios=(3, 1))
    for column, (title, measured) in enumerate(panels):
        _draw_shares(axes[0, column], title, measured)
        _draw_counts(axes[1, column], measured)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(figure))


def _draw_shares(axes: Axes, title: str, measured: Reliability) -> None:
    error = measured.calibration_error
    scores, right = [each.score for each in measured.bins], [each.right for each in measured.bins]
    axes.plot((0, 1), (0, 1), color="0.6", linestyle="--", linewidth=1, label="perfectly calibrated")
    axes.vlines(scores, scores, right, color="tab:red", alpha=0.45, linewidth=3, label="gap")
    axes.plot(scores, right, marker="o", color="tab:blue", label="share right")
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="share right")
    auroc = "–" if measured.auroc is None else f"{measured.auroc:.3f}"
    axes.set_title(
        f"{title}\nECE {error.value:.3f} ({error.low:.3f} to {error.high:.3f}), AUROC {auroc}\n"
        f"coverage at 80 % precision {measured.coverage:.0%}",
        fontsize=9,
    )
    axes.legend(loc="lower right", fontsize=8)


def _draw_counts(axes: Axes, measured: Reliability) -> None:
    axes.bar(
        [each.score for each in measured.bins], [each.n for each in measured.bins], width=0.02, color="0.4"
    )
    for each in measured.bins:
        axes.annotate(
            str(each.n), (each.score, each.n), ha="center", va="bottom", fontsize=6, annotation_clip=True
        )
    axes.margins(y=0.25)
    axes.set(xlabel="score (mean of the bin)", ylabel="answers")
