"""What listeners work with: everything that one running bot has, made once and passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.engines import Engines
from bot.fair_store import FairStore
from bot.inbox import Inbox
from bot.learning.retraining import open_launcher
from bot.migrations import BOT
from bot.owners import Owner
from bot.questions.channels import Channels
from bot.questions.posts import Posts, Threads
from bot.settings import SlackSettings
from bot.slack.api import Identity, identify, open_client, open_posting_client
from bot.slack.first_contact import when_reached
from bot.slack.posting import Poster
from bot.slack.signs import Signs
from qa_core.answers import Answers
from qa_core.migrations import QA_CORE
from qa_core.store import Store
from training.migrations import TRAINING
from training.retraining.jobs import Jobs
from training.votes import Votes

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from qa_core.indexing.library import Library
    from qa_core.installation import Installation
    from training.retraining.launching import Launcher


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that one running bot has. Safe to use from any thread."""

    settings: SlackSettings
    store: Store
    answers: Answers
    votes: Votes
    inbox: Inbox
    posts: Posts
    threads: Threads
    channels: Channels
    engines: Engines
    client: WebClient  # obeys 429; repeats nothing after a broken connection
    poster: Poster  # posts a message once, whatever happens between
    signs: Signs  # signs of life while an answer is made
    identity: Identity  # who the bot is
    open_library: Callable[[], Library]  # of the current release; for indexing
    installation: Installation  # its releases
    launcher: Launcher  # of retrainings, with its jobs


def open_services(settings: SlackSettings) -> Services:
    """The services of a bot with these settings, known to Slack; waits where Slack is out of reach.

    Raises SlackError where Slack refuses the token, and StoreError.
    """
    from qa_core.installation import open_installation  # noqa: PLC0415 - heavy

    client = open_client(settings)
    identity = when_reached(lambda: identify(client))
    installation = open_installation(settings.base)
    return assemble(settings, client, identity, installation)


def assemble(
    settings: SlackSettings, client: WebClient, identity: Identity, installation: Installation
) -> Services:
    """The services on an installation, talking to Slack through `client`."""
    store = open_store(settings)
    inbox = Inbox(store, Owner(), workspace=identity.team_id)
    return Services(
        settings=settings,
        store=store,
        answers=Answers(store),
        votes=Votes(store),
        inbox=inbox,
        posts=Posts(store),
        threads=Threads(store),
        channels=Channels(store),
        engines=Engines.of(installation),
        client=client,
        poster=Poster(open_posting_client(settings), inbox),
        signs=Signs(client),
        identity=identity,
        open_library=installation.open_library,
        installation=installation,
        launcher=open_launcher(settings.base, Jobs(store), settings.training.rules),
    )


def open_store(settings: SlackSettings) -> Store:
    """The database with the tables of all three packages."""
    return FairStore(settings.base.database, (QA_CORE, TRAINING, BOT))
