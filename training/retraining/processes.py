"""Whether a process of this machine still runs."""

from __future__ import annotations

import os
from pathlib import Path

_BEGAN_AT = 19  # behind the state, which is 0


def began_at(pid: int) -> int | None:
    """When a process began, in ticks since the machine did: tells it from others that had its number.

    None where there is none, or it has ended, and where nobody can tell (other systems than Linux).
    """
    status = _status(pid)
    return None if status[:1] in ([], ["Z"]) else int(status[_BEGAN_AT])


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is somebody else's
        return True
    return _status(pid)[:1] != ["Z"]  # it has ended, and only waits for its parent to notice


def _status(pid: int) -> list[str]:
    """What Linux tells of a process from its state on; empty where nothing is told."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return status.rpartition(")")[2].split()
