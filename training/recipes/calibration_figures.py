"""The figures of a calibration on half B, by seed and as a mean, as text, JSON and PNG."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from qa_core.engine import Engine
from training.calibrate import FitSettings, Judged, Sample, mix_weights
from training.evaluate import Outcome, measure
from training.measuring.metrics import mean
from training.measuring.reliability import (
    N_BINS,
    Judgements,
    Reliability,
    auroc,
    before_after_table,
    calibration_error,
    coverage_at,
    reliability,
)
from training.measuring.reliability_diagram import draw_reliability

QUALITY = (
    "section_hit_at_1", "section_hit_at_5", "shown_rouge_l", "shown_length_ratio", "shown_f1", "answer_f1",
    "answer_right",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeedFigures:
    """One seed's half B: figures by name, and what the confidence figures come from."""

    seed: int
    figures: dict[str, float]
    judged: tuple[Judged, ...]
    confidences: tuple[float, ...]

    @classmethod
    def of(
        cls,
        seed: int,
        engine: Engine,
        samples: Sequence[Sample],
        judged: Sequence[Judged],
        settings: FitSettings,
    ) -> SeedFigures:
        """What the calibrated engine does on these samples."""
        calibrator = engine.models.calibrator
        confidences = tuple(calibrator.confidence(each.features) for each in judged)
        figures = {
            **quality(engine, samples),
            **believed(judged, confidences, settings.unanswerable_share),
            "threshold": engine.threshold,
            "ranking_dense": calibrator.ranking.dense,
            "ranking_reader": calibrator.ranking.reader,
            "ranking_coverage": calibrator.ranking.coverage,
            "ranking_block": calibrator.ranking.block,
            "reserve_weight": settings.other_weight,
        }
        return cls(seed, figures, tuple(judged), confidences)


def quality(engine: Engine, samples: Sequence[Sample]) -> dict[str, float]:
    """Hits and what is shown, without declining, on the answerable questions; declines of either kind."""
    outcomes = [Outcome(each.question, engine.decide(each.found, decline=False)) for each in samples]
    own = [each for each in outcomes if each.question.answerable]
    foreign = [each for each in outcomes if not each.question.answerable]
    report = measure(own, decline=False)
    return {
        **{name: report.value(name) or 0.0 for name in QUALITY},
        "declined_own": mean([float(each.declined) for each in own]) or 0.0,
        "declined_foreign": mean([float(each.declined) for each in foreign]) or 0.0,
    }


def believed(
    judged: Sequence[Judged], confidences: Sequence[float], unanswerable_share: float
) -> dict[str, float]:
    """Calibration error, AUROC and coverage of the raw score (before) and of the confidence (after).

    In the mix that the confidence is fitted for (`unanswerable_share`); and the confidence's calibration
    error with every question counting once, and on answerable questions alone.
    """
    raw = [each.raw for each in judged]
    figures = {}
    for name, scores in (("before", raw), ("after", confidences)):
        mixed = judgements(judged, scores, unanswerable_share)
        figures[f"calibration_error_{name}"] = calibration_error(mixed)
        figures[f"auroc_{name}"] = auroc(mixed) or 0.0
        figures[f"coverage_at_precision_80_{name}"] = coverage_at(mixed)
    helps = [each.helps for each in judged]
    own = [(c, each.helps) for c, each in zip(confidences, judged, strict=True) if each.answerable]
    figures["calibration_error_unweighted"] = calibration_error(Judgements.of(confidences, helps))
    figures["calibration_error_answerable"] = calibration_error(
        Judgements.of([pair[0] for pair in own], [pair[1] for pair in own])
    )
    return figures


def judgements(judged: Sequence[Judged], scores: Sequence[float], unanswerable_share: float) -> Judgements:
    """Scores and what helped, in the mix, grouped."""
    weights = mix_weights(judged, unanswerable_share).tolist()
    groups = [each.group for each in judged]
    return Judgements.of(scores, [each.helps for each in judged], weights, groups)


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Reliability of the raw score and of the confidence, the seeds' halves B taken together."""

    before: Reliability
    after: Reliability

    @property
    def table(self) -> str:
        """Both as a Markdown table."""
        return before_after_table(self.before, self.after)


def reliability_of(figures: Sequence[SeedFigures], unanswerable_share: float) -> BeforeAfter:
    """All seeds together; a question in several halves B is resampled with its group."""
    judged = [each for seed in figures for each in seed.judged]
    raw = [each.raw for each in judged]
    confidences = [confidence for seed in figures for confidence in seed.confidences]
    before, after = (
        reliability(judgements(judged, scores, unanswerable_share)) for scores in (raw, confidences)
    )
    assert before is not None
    assert after is not None
    return BeforeAfter(before, after)


def figures_table(figures: Sequence[SeedFigures]) -> str:
    """One line a figure: the mean, then each seed's."""
    seeds = "".join(f"{f'seed {each.seed}':>9}" for each in figures)
    lines = [f"{f'half B ({N_BINS} bins)':<32}{'mean':>9}{seeds}"]
    for name in figures[0].figures:
        values = [each.figures[name] for each in figures]
        lines.append(f"{name:<32}{fmean(values):>9.3f}" + "".join(f"{value:>9.3f}" for value in values))
    return "\n".join(lines)


def save_figures(figures: Sequence[SeedFigures], together: BeforeAfter, folder: Path) -> None:
    """Write `calibration.json` and `reliability.png`."""
    names = figures[0].figures
    content = {
        "mean": {name: fmean(each.figures[name] for each in figures) for name in names},
        "seeds": {str(each.seed): each.figures for each in figures},
        "before": asdict(together.before),
        "after": asdict(together.after),
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    (folder / "calibration.json").write_text(text, encoding="utf-8")
    panels = [("before: raw reader score", together.before), ("after: confidence", together.after)]
    draw_reliability(panels, folder / "reliability.png")
