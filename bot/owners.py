"""Which process holds something, and whether that process is gone."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass, field

from training.retraining.processes import is_alive


@dataclass(frozen=True, slots=True)
class Owner:
    """This process: its machine, its number there, and what tells it from an earlier one of that number."""

    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def name(self) -> str:
        """The owner in one text."""
        return f"{self.host}:{self.pid}:{self.nonce}"


def is_gone(owner: str) -> bool:
    """Whether the process is known to be dead; False for processes of other machines.

    A process with our own number is an earlier one: numbers begin anew in a container.
    """
    host, pid, _ = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    return int(pid) == os.getpid() or not is_alive(int(pid))
