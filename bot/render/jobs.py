"""Retrainings as text. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from training.retraining.jobs import Job, Progress

N_PARTS = 1000  # of a bar
_CAUSES = {"command": "command", "slack": "Slack", "schedule": "schedule", "triplets": "new triplets"}


def progress_text(progress: Progress) -> str:
    """`Training the reader, loss 1.234, 3 min left`; slowly, where people's questions come first."""
    parts = [progress.stage]
    if progress.stage and progress.gives_way:
        parts.append("slowly, as questions come first")
    if progress.loss is not None:
        parts.append(f"loss {progress.loss:.3f}")
    if progress.left_s is not None:
        parts.append(time_left(progress.left_s))
    return ", ".join(part for part in parts if part)


def time_left(seconds: float) -> str:
    """`40 s left`, `3 min left`, `1 h 5 min left`; above a minute rounded up."""
    if seconds < 60:
        return f"{round(seconds)} s left"
    hours, minutes = divmod(-int(-seconds // 60), 60)
    return f"{hours} h {minutes} min left" if hours else f"{minutes} min left"


def how_it_ended(job: Job, current: str | None) -> str:
    """`r2 was promoted; r1 has become current since. On 40 questions …`; the job's message for other ends.

    `current` is the release that answers now, as far as that is known.
    """
    if job.state != "promoted" or job.release is None:
        return job.message
    since = "" if current in (None, job.release) else f"; {current} has become current since"
    return f"{job.release} was promoted{since}. {job.message}".strip()


def job_row(job: Job, is_dead: bool, current: str | None) -> tuple[str, ...]:
    """One line of the list; a job whose process is gone is not called running."""
    standing = f"{job.progress.share:.0%} {progress_text(job.progress)}".strip()
    became = how_it_ended(job, current) or standing
    if is_dead:
        became += "; goes on within a minute where a bot runs, else with the next manualbot retrain"
    return (
        str(job.id),
        "killed" if is_dead else job.state,
        job.created_at[:16].replace("T", " "),
        _CAUSES[job.request.cause],
        job.release or "",
        became,
    )


def job_json(job: Job, is_dead: bool, current: str | None) -> dict[str, Any]:
    """One job as one JSON object."""
    return {
        "id": job.id,
        "state": "killed" if is_dead else job.state,
        "cause": job.request.cause,
        "dry_run": job.request.dry_run,
        "seed": job.request.seed,
        "created_at": job.created_at,
        "ended_at": job.ended_at,
        "progress": asdict(job.progress),
        "message": how_it_ended(job, current),
        "release": job.release,
        "dataset": job.dataset,
    }
