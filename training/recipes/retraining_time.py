"""How long a retraining takes, and whether it is promoted: votes on some manuals, among other manuals.

    python -m training.recipes.retraining_time DATA [--on samples] [--work DIR] [--passages 5000]

Indexed are the sample manuals, or those of `own_manuals/held_out`, and as many of DATA's phone manuals as it
takes to have so many passages. Every question on them is asked and voted on: as in
`training.recipes.feedback_transfer`, and where the manuals do not say, that they do not. Then one retraining,
as `manualbot retrain` runs it, on the threads of MANUALBOT_THREADS. The manuals' own questions are not the
regression set: people voted on them.

What is indexed and voted on is kept in DIR and taken up again; a retraining that was killed goes on there.
"""

from __future__ import annotations

import argparse
import logging
import time
from dataclasses import asdict
from pathlib import Path

from qa_core.engine import Engine
from qa_core.installation import Installation
from qa_core.migrations import QA_CORE
from qa_core.store import Store
from training.migrations import TRAINING
from training.recipes.feedback_transfer import RULES, cast_votes, retrain
from training.recipes.simulated_votes import N_PEOPLE
from training.recipes.transfer_trial import Trial, folder_of, read_questions_of
from training.retraining.job_folder import REPORT, JobFolder
from training.retraining.retrain_settings import RetrainSettings


def index(trial: Trial, n_passages: int) -> int:
    """Index the samples, then phone manuals until there are so many passages; how many there are."""
    installation = Installation(trial.settings)
    library = installation.open_library()
    library.add([trial.source()])
    for manual in sorted((trial.data / "galaxy-manuals").glob("*.html")):
        if len(Engine(installation.models()).passages) >= n_passages:
            break
        library.add([manual])
    return len(Engine(installation.models()).passages)


def main() -> None:
    """Prepare what is not prepared yet, retrain, and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with galaxy-manuals/")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/retraining-time"), metavar="DIR")
    parser.add_argument("--passages", type=int, default=5_000, metavar="N", help="at least; default: 5000")
    parser.add_argument("--on", choices=("samples", "held_out"), default="samples", help="default: samples")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    trial = Trial(options.data, options.work, "time", 0, 0, manuals=options.on)
    store = Store(trial.settings.database, (QA_CORE, TRAINING))
    print(f"{trial.once('passages', lambda: index(trial, options.passages))} passages", flush=True)
    asked = read_questions_of(folder_of(options.on), with_unanswerable=True)
    people = [f"P{number}" for number in range(N_PEOPLE)]
    print(
        trial.once("votes", lambda: asdict(cast_votes(trial, store, asked, ["honest"] * len(asked), people)))
    )
    started = time.monotonic()
    job = retrain(trial, store, RetrainSettings(rules=RULES))
    print(f"{job.state} after {time.monotonic() - started:.0f} s. {job.message}")
    folder = JobFolder.of(trial.settings.home, job.id)
    if folder.has(REPORT.removesuffix(".json")):
        report = folder.read(REPORT.removesuffix(".json"))
        for part in ("seconds", "counts", "shares"):
            print(f"{part}: " + ", ".join(f"{name} {value:g}" for name, value in report[part].items()))
        print("\n".join(report["notes"]))


if __name__ == "__main__":
    main()
