"""`manualbot chat`: questions at a prompt, or one a line from standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bot.commands.ask import Product

PROMPT = "> "


def chat(product: Product = None) -> None:
    """Answer questions at a prompt, or those that standard input holds, one a line."""
    from bot.opening import open_engine, open_settings
    from bot.render.terminal import open_console
    from bot.terminal.conversation import Conversation
    from bot.terminal.prompt import typed_lines

    settings = open_settings()
    conversation = Conversation(open_engine(settings), open_console(), product)
    if sys.stdin.isatty():
        print("Type a question; :help for help, Ctrl-D to leave.")
        lines = typed_lines(PROMPT, settings.home / "chat-history")
    else:
        lines = _piped_lines()
    for line in lines:
        if not conversation.take(line):
            break


def _piped_lines() -> Iterator[str]:
    from bot.render.terminal import clean

    for line in sys.stdin:
        if line.strip():
            print(PROMPT + clean(line.strip()))  # so that what is printed reads as the conversation it is
        yield line
