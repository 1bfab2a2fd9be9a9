"""Lines of a conversation, answered one after the other."""

from __future__ import annotations

import sys

from rich.console import Console

from bot.opening import Answerer
from bot.render.answers import answer_text
from bot.render.terminal import can_style, print_text
from qa_core.errors import ManualbotError
from qa_core.indexing.file_names import printable_lines

HELP = """\
Type a question, or:
  :product NAME  ask the manuals of one product; without a name, of all
  :help          this list
  :quit          leave, as Ctrl-D does"""


class Conversation:
    """Answers questions, and remembers the product that is asked about."""

    def __init__(self, engine: Answerer, console: Console, product: str | None = None) -> None:
        self._engine = engine
        self._console = console
        self._product = product

    def take(self, line: str) -> bool:
        """Do what the line says; False if it says to stop."""
        command, _, argument = line.strip().partition(" ")
        match command:
            case "":
                pass
            case ":quit":
                return False
            case ":help":
                print(HELP)
            case ":product":
                self._product = argument.strip() or None
                print(f"Asking the manuals of {self._product or 'all products'}.")
            case _ if command.startswith(":"):
                print(f"{command} is not known here.\n{HELP}")
            case _:
                self._answer(line.strip())
        return True

    def _answer(self, question: str) -> None:
        try:
            answer = self._engine.ask(question, self._product)
        except ManualbotError as error:
            sys.stdout.flush()
            print(f"manualbot: {printable_lines(error)}", file=sys.stderr)
            return
        print_text(self._console, answer_text(answer, styled=can_style(self._console)))
        print(flush=True)
