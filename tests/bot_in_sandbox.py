"""The production bot at work in the workspace, with an engine that answers at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

from fakes_bot import FakeEngine, answer, declined
from fakes_slack import FakeReleases

from bot.engines import Engines
from bot.sandbox.starting import SandboxAddress
from bot.serve import at_work, connected
from bot.services import Services, assemble
from bot.settings import SlackSettings
from bot.slack.api import identify, open_client, open_posting_client
from bot.slack.pacing import Pacer
from bot.slack.posting import Poster
from qa_core.settings import Settings
from qa_core.types import Answer, Passage
from training.retraining.launching import Launcher


@dataclass
class FakeSlackEngine(FakeEngine):
    """An engine over one manual; what has "tea" in it is not in the manuals."""

    seconds: float = 0.0  # that an answer takes
    products: tuple[str, ...] = ("Meridio 300",)
    release: str = "r1"
    threshold: float = 0.5
    passages: tuple[Passage, ...] = field(default_factory=lambda: (answer().hits[0].passage,))

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        time.sleep(self.seconds)
        found = super().ask(question, product, decline)
        return declined(question) if "tea" in question else found


def sources_of_nothing() -> SimpleNamespace:
    return SimpleNamespace(sources=tuple)


@contextmanager
def bot_in(
    address: SandboxAddress, home: Path, engine: FakeSlackEngine, pace_s: float = 0.0
) -> Iterator[Services]:
    """The bot, connected until the block ends; the same `home` makes it the same bot after a restart.

    `pace_s` is the time between two messages in one channel. Retrainings start no process.
    """
    settings = SlackSettings(base=Settings(home=home)).in_sandbox(
        address.api_url, address.bot_token, address.app_token
    )
    client = open_client(settings)
    installation = SimpleNamespace(open_library=sources_of_nothing, releases=FakeReleases())
    services = assemble(settings, client, identify(client), installation)
    services = replace(
        services,
        engines=Engines(lambda: engine, lambda: "always the same"),
        poster=Poster(open_posting_client(settings), services.inbox, Pacer(pace_s)),
        launcher=Launcher(services.launcher.jobs, lambda _: None),
    )
    try:
        with at_work(services) as app, connected(app, settings):
            yield services
    finally:
        services.store.close()
