"""What the workspace can be told to do badly, as Slack does on a bad day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Misbehaviour:
    """The faults that are switched on; each stays on until it is switched off or used up."""

    redeliver: int = 0  # how many times more each event is delivered
    rate_limit: int = 0  # how many of the next Web API calls are answered with 429
    retry_after_s: int = 1  # what those answers ask for
    slow_s: float = 0.0  # how long each Web API call's answer is held back after its work is done

    def take_rate_limit(self) -> bool:
        """Whether this call is one that is answered with 429."""
        if self.rate_limit <= 0:
            return False
        self.rate_limit -= 1
        return True
