"""The state of a training run on disk: written whole or not at all, read without unpickling code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from qa_core.errors import ModelError, first_line

STATE_FILE = "checkpoint.pt"


def write_state(folder: Path, state: Mapping[str, Any]) -> None:
    """Replace the state in `folder`; raises ModelError when the disk is full, the old state still there."""
    temporary = folder / "checkpoint.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            torch.save(dict(state), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / STATE_FILE)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as RuntimeError
        _remove(temporary)
        raise ModelError(
            f"The checkpoint cannot be written to {folder} ({first_line(error)}). "
            "Free some disk space and run again: training goes on from the last checkpoint"
        ) from error


def read_state(folder: Path, device: torch.device) -> dict[str, Any] | None:
    """The state in `folder`, or None; raises ModelError for a file that is no checkpoint."""
    path = folder / STATE_FILE
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises whatever its zip and pickle readers raise
        raise ModelError(f"{path} is damaged ({first_line(error)}). Remove it to start anew") from error
    if not isinstance(state, dict) or not {"step", "settings", "model"} <= state.keys():
        raise ModelError(f"{path} is no checkpoint of a training run. Remove it to start anew")
    return state


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # it could not be written either; the error that is raised says why
