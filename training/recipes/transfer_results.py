"""What the trials of feedback transfer gave: a table, JSON, and the curve over rounds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa_core.durable import write_file
from training.gate import GateSettings, Pair, compare
from training.measuring import metrics
from training.retraining.pictures import curves_over_rounds

Rows = Sequence[Mapping[str, Any]]  # of one seed: before, and after each retraining

_CURVES = {
    "right section first, other questions": "section_hit_at_1",
    "ROUGE-L of what is shown, other questions": "shown_rouge_l",
}
_PARTS = ("half B", "paraphrases", "samples", "squad")


def table(variant: str, trials: Sequence[Rows]) -> str:
    """Means over the seeds before and after the last retraining; intervals over paired questions."""
    lines = [f"{variant:<44}{'before':>9}{'after':>9}{'change':>9}   of each seed"]
    for part in _PARTS:
        for name in trials[0][0][part]:
            before = [rows[0][part][name] for rows in trials]
            after = [rows[-1][part][name] for rows in trials]
            if None not in before and None not in after:
                lines.append(_line(f"{part}: {name}", before, after))
    for part in ("half B", "paraphrases"):
        for name in ("hit", "rouge"):
            compared = compare(paired(trials, part, name), GateSettings())
            lines.append(
                f"{part}, {name}: {100 * compared.difference:+.1f} points, 95 % interval "
                f"{100 * compared.low:+.1f} to {100 * compared.high:+.1f}, n {compared.n}"
            )
    for rows in trials:
        for row in rows[1:]:
            hits = row["half B"]["section_hit_at_1"]
            lines.append(f"{row['job']['state']}: half B hit@1 {hits:.3f}. {row['job']['message']}")
    return "\n".join(lines)


def paired(trials: Sequence[Rows], part: str, name: str) -> tuple[Pair, ...]:
    """The score of each question of a part before and after, over the seeds.

    A question that is in several seeds' parts counts in each, as in the mean over the seeds; all that the
    seeds have of one group are drawn together, so that this makes the interval no narrower.
    """
    return tuple(
        Pair(before[name], after[name], before["group"])
        for rows in trials
        for before, after in zip(rows[0]["scores"][part], rows[-1]["scores"][part], strict=True)
        if before[name] is not None
    )


def write_results(work: Path, variant: str, trials: Mapping[int, Rows]) -> None:
    """All figures as `VARIANT.json`; of rounds the curve too, as `VARIANT.png`."""
    results = {
        str(seed): [{name: value for name, value in row.items() if name != "scores"} for row in rows]
        for seed, rows in trials.items()
    }
    write_file(work / f"{variant}.json", json.dumps(results, indent=1) + "\n")
    if variant.endswith("rounds"):
        curves = {
            label: [[row["half B"][name] for row in rows] for rows in trials.values()]
            for label, name in _CURVES.items()
        }
        (work / f"{variant}.png").write_bytes(curves_over_rounds(curves))


def _line(name: str, before: Sequence[float], after: Sequence[float]) -> str:
    changes = [new - old for old, new in zip(before, after, strict=True)]
    first, last = metrics.mean(before) or 0.0, metrics.mean(after) or 0.0
    each = " ".join(f"{change:+.3f}" for change in changes)
    return f"{name:<44}{first:>9.3f}{last:>9.3f}{last - first:>+9.3f}   {each}"
