"""What the `manualbot` command says and returns when Ctrl-C ends it. Needed at once: imports nothing."""

from __future__ import annotations

EXIT_CODE = 130  # as shells have it
MESSAGE = "manualbot: Interrupted"
AT_WORK = "at work: "  # how the names of threads begin that may be in the midst of a model when the bot ends
