"""The Bolt app: every listener in one table."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError

from bot.listeners import (
    command,
    config,
    correction,
    endings,
    feedback,
    files,
    following,
    home,
    more,
    person,
    private,
    products,
    questions,
    reactions,
    reporting,
    retraining,
    rollback,
    shortcut,
    sources,
    triage,
)
from bot.listening import Listener, Table
from bot.settings import without_oauth
from bot.slack.telling import REPLY, reply_again
from qa_core.errors import StoreError

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger(__name__)
_bolt_log = logging.getLogger(f"{__name__}.bolt")
_bolt_log.setLevel(logging.ERROR)  # it warns of a token in the environment beside our client, and the like

LISTENERS: tuple[Listener, ...] = (
    *questions.LISTENERS,
    *private.LISTENERS,
    *shortcut.LISTENERS,
    *command.LISTENERS,
    *more.LISTENERS,
    *person.LISTENERS,
    *products.LISTENERS,
    *feedback.LISTENERS,
    *reactions.LISTENERS,
    *correction.LISTENERS,
    *config.LISTENERS,
    *sources.LISTENERS,
    *files.LISTENERS,
    *home.LISTENERS,
    *triage.LISTENERS,
    *retraining.LISTENERS,
    *following.LISTENERS,
    *reporting.LISTENERS,
    *endings.LISTENERS,
    *rollback.LISTENERS,
    Listener("own", REPLY, reply_again),
)

TABLE = Table(LISTENERS)

# What Bolt and our listeners raise on a payload of another shape than Slack's.
UNREADABLE = (AttributeError, TypeError, LookupError, ValueError, RecursionError)
REFUSED = 400  # HTTP's status for it


def build_app(services: Services) -> App:
    """The Bolt app that records what Slack sends, for the workers to do.

    Its listeners run before Slack gets its answer, in the thread that the request came on: what is
    acknowledged is in the store. Nothing is asked of Slack: whose token it is, is known already.
    """
    who, token = services.identity, services.client.token

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=who.user_id,
            bot_id=who.bot_id,
            bot_token=token,
        )

    with without_oauth():
        app = App(
            client=services.client,
            authorize=authorize,
            signing_secret=services.settings.signing_secret or "",
            process_before_response=True,
            raise_error_for_unhandled_request=True,
            name="manualbot",
            logger=_bolt_log,
        )
    TABLE.register(app, services)
    app.error(_answer_error)
    return app


def unreadable(error: Exception) -> BoltResponse:
    """Refuses what cannot be read, and asks Slack not to send it again: it would be no other.

    Whoever pressed a button or filled in a form is told by Slack that it failed.
    """
    log.warning(
        "What Slack sent cannot be read (%s), so it is left out. MANUALBOT_LOG_LEVEL=DEBUG tells more",
        type(error).__name__,
        exc_info=error if log.isEnabledFor(logging.DEBUG) else None,
    )
    return BoltResponse(status=REFUSED, body="", headers={"x-slack-no-retry": "1"})


def _answer_error(error: Exception) -> BoltResponse | None:
    """What we have no use for is taken; what could not be recorded is not, so that Slack sends it again."""
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200, body="")
    if isinstance(error, UNREADABLE):
        return unreadable(error)
    if isinstance(error, StoreError):
        log.error("A delivery was not recorded: %s", error)
    else:
        log.error("A delivery was not recorded", exc_info=error)
    return None
