"""`/manual`: what it understands, and the explanation of itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.actions import COMMAND
from bot.deliveries import Task
from bot.listeners.config import handle_config_command
from bot.listeners.private import PrivateQuestion, ask_privately
from bot.listeners.retraining import handle_retrain
from bot.listeners.rollback import handle_rollback
from bot.listeners.sources import handle_sources
from bot.listeners.status import handle_forget_me, handle_status
from bot.listening import Handler, Listener
from bot.questions.incoming import asks_something, plain_text
from bot.slack.telling import reply
from bot.views.blocks import note

if TYPE_CHECKING:
    from bot.services import Services

HELP = """\
*I answer with the exact words of the product manuals*, and say so when they have no answer.
• Mention me in a channel with a question, or write to me directly; in the thread you can go on asking.
• `/manual ask How do I …?` answers you alone, with a button to share the answer.
• The shortcut _Answer from the manuals_ in a message's menu answers what the message asks.
• 👍 and 👎 on my answers, as reactions or buttons, make the next ones better.
• `/manual status` shows what I know and how it goes; `/manual sources` lists the manuals.
• `/manual config` sets how I behave in this channel: products, threshold, and whom to ask.
• `/manual retrain` makes a better release from votes, `/manual rollback` goes back to the one before; both \
are for administrators.
• `/manual forget-me` deletes your votes and questions."""


def handle_command(services: Services, task: Task) -> None:
    """Do what is typed after `/manual`; a question without `ask` is one all the same.

    What begins with a command that takes no further words is not that command: "status light is red, why?".
    """
    text = _without_marks(str(task.body.get("text") or ""))
    word, *rest = text.split(maxsplit=1) or [""]
    name = _AROUND.sub("", word.lower())
    handler = SUBCOMMANDS.get(name)
    if handler is not None and (not rest or name in _TAKE_WORDS):
        handler(services, task)
    elif name == "ask" and rest:
        _ask(services, task, rest[0], name)
    elif name not in _NO_QUESTION and asks_something(text):
        _ask(services, task, text, name)
    else:
        reply(services, task.body, note(_explanation(name)))


def _ask(services: Services, task: Task, text: str, name: str) -> None:
    asked = plain_text(text)
    if asked:
        channel = task.body.get("channel_id")
        ask_privately(services, task, PrivateQuestion(asked, task.delivery.person or "", channel))
    else:
        reply(services, task.body, note(_explanation(name)))


def _without_marks(text: str) -> str:
    """The text without what cannot be seen and only directs how it is shown, as pasted text has it."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf").strip()


def _explanation(name: str) -> str:
    if name in ("", "help"):
        return HELP
    if name == "ask":
        return "What do you want to ask? For example: `/manual ask How do I clear a paper jam?`"
    if name in SUBCOMMANDS:
        return f"`/manual {name}` takes no further words: type it alone, and I do it."
    return f"I do not know that command.\n{HELP}"


SUBCOMMANDS: Mapping[str, Handler] = {
    "status": handle_status,
    "sources": handle_sources,
    "config": handle_config_command,
    "retrain": handle_retrain,
    "rollback": handle_rollback,
    "forget-me": handle_forget_me,
}
_TAKE_WORDS = ("sources", "rollback")
_AROUND = re.compile(r"^[^\w-]+|[^\w-]+$")  # quotes and the like around a command
_NO_QUESTION = ("ask", "forget-me")  # no question begins with these

LISTENERS = (
    Listener("command", COMMAND, handle_command),
    Listener("command", re.compile(r"/.*"), handle_command),  # installed under another name
)
