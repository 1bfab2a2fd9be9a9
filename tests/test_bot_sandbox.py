"""The workspace, as slack_sdk's own clients find it: Slack's answers, refusals and payloads."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from sandbox_person import ADA, BEN, BOT, PRINTERS, SUPPORT, Json, SandboxPerson
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import RateLimitErrorRetryHandler
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

from bot.manifest import SCOPES
from bot.sandbox import views
from bot.sandbox.starting import SandboxAddress, start_sandbox
from qa_core.errors import SettingsError

SECTION = {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "hello"}}
BUTTON = {
    "type": "actions",
    "block_id": "b",
    "elements": [
        {
            "type": "button",
            "action_id": "go",
            "value": "v",
            "text": {"type": "plain_text", "text": "Go"},
        }
    ],
}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def modal(*blocks: Json, **more: object) -> Json:
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks), "callback_id": "m", **more}


def text_input(block_id: str, **more: object) -> Json:
    element = {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": block_id, "label": plain("Name"), "element": element, **more}


@dataclass
class Bot:
    """A bot that acknowledges what it is sent, and remembers it."""

    received: queue.Queue[SocketModeRequest] = field(default_factory=queue.Queue)
    answers: dict[str, Json] = field(default_factory=dict)  # type of the payload → what goes with the ack
    deaf: bool = False

    def listen(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        self.received.put(request)
        if not self.deaf:
            payload = self.answers.get(request.payload.get("type", "command"))
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

    def next(self, kind: str | None = None, timeout_s: float = 10.0) -> Json:
        """The next payload; `kind` passes over events of other types."""
        while True:
            payload = self.received.get(timeout=timeout_s).payload
            if kind is None or payload.get("event", payload).get("type") == kind:
                return payload

    def about(self, ts: str, n: int) -> list[Json]:
        """The next `n` events about the message `ts`, each once: on a busy machine one can come twice."""
        found: dict[str, Json] = {}
        while len(found) < n:
            payload = self.next()
            if payload.get("event", {}).get("ts") == ts:
                found.setdefault(payload["event_id"], payload)
        return list(found.values())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxAddress]:
    address = start_sandbox(port=0)
    yield address
    address.stop()


@pytest.fixture(scope="module")
def client(sandbox: SandboxAddress) -> WebClient:
    return WebClient(sandbox.bot_token, base_url=sandbox.api_url)


@pytest.fixture(scope="module")
def connected(sandbox: SandboxAddress, client: WebClient) -> Iterator[Bot]:
    bot = Bot()
    # One worker: with more of them, events overtake each other on a machine that is busy.
    socket = SocketModeClient(sandbox.app_token, web_client=client, concurrency=1)
    socket.socket_mode_request_listeners.append(bot.listen)
    socket.connect()
    yield bot
    socket.close()


@pytest.fixture
def bot(connected: Bot, sandbox: SandboxAddress) -> Bot:
    """The bot when everything of earlier tests has come."""
    connected.answers.clear()
    connected.deaf = False
    ben = SandboxPerson(sandbox.url, BEN)
    connected.about(ben.say("Is that all?", channel=ben.dm), 1)
    return connected


@pytest.fixture
def ada(sandbox: SandboxAddress) -> SandboxPerson:
    return SandboxPerson(sandbox.url, ADA)


def refusal(call: Any, *args: object, **arguments: object) -> Json:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **arguments)
    return dict(caught.value.response.data)


# Who may come in


def test_another_host_name_is_refused(sandbox: SandboxAddress) -> None:
    request = Request(sandbox.url, headers={"Host": "workspace.example.com"})

    with pytest.raises(HTTPError) as caught:
        urlopen(request, timeout=5)

    with caught.value as response:
        assert response.code == 400


def test_another_site_s_page_is_refused(sandbox: SandboxAddress) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}

    with pytest.raises(HTTPError) as caught:
        urlopen(Request(f"{sandbox.url}/page/act", b"{}", headers), timeout=5)

    with caught.value as response:
        assert response.code == 403


def test_it_is_served_on_loopback_only() -> None:
    with pytest.raises(SettingsError, match=r"not served on 0\.0\.0\.0\. Use 127\.0\.0\.1"):
        start_sandbox("0.0.0.0", 0)


def test_a_port_in_use_is_named(sandbox: SandboxAddress) -> None:
    port = int(sandbox.url.rsplit(":", 1)[1])

    with pytest.raises(SettingsError, match=f"cannot use 127.0.0.1:{port}: Address already in use"):
        start_sandbox(port=port)


@pytest.mark.parametrize(
    ("token", "error"), [("xoxb-other", "invalid_auth"), ("", "not_authed"), (None, "not_allowed_token_type")]
)
def test_a_wrong_token_gets_slack_s_error(sandbox: SandboxAddress, token: str | None, error: str) -> None:
    client = WebClient(sandbox.app_token if token is None else token, base_url=sandbox.api_url)

    assert refusal(client.auth_test)["error"] == error


def test_auth_test_says_who_the_bot_is_and_which_scopes_it_has(client: WebClient) -> None:
    response = client.auth_test()

    assert (response["user_id"], response["user"], response["team"]) == (BOT, "manualbot", "Workshop")
    assert response.headers["x-oauth-scopes"] == ",".join(SCOPES)


# Refusals of the Web API


def test_a_method_that_it_does_not_have_is_unknown(client: WebClient) -> None:
    assert refusal(client.pins_add, channel=SUPPORT)["error"] == "unknown_method"


def test_a_missing_argument_is_named(client: WebClient) -> None:
    answer = refusal(client.api_call, "reactions.add", json={"channel": SUPPORT, "name": "eyes"})

    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: timestamp"]


@pytest.mark.parametrize(
    ("channel", "error"), [("C0NOWHERE", "channel_not_found"), (PRINTERS, "not_in_channel")]
)
def test_it_posts_only_where_the_bot_is(client: WebClient, channel: str, error: str) -> None:
    assert refusal(client.chat_postMessage, channel=channel, text="x")["error"] == error


def many(n: int) -> list[Json]:
    return [{"type": "divider"}] * n


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([{**SECTION, "text": {"type": "mrkdwn", "text": "x" * 3001}}], "text attribute cannot exceed 3000"),
        ([{**SECTION, "text": {"type": "mrkdwn", "text": ""}}], "must be 1 to 3000 characters"),
        (many(51), "no more than 50 items"),
        ([SECTION, SECTION], "block_id s is used more than once"),
        ([{"type": "input", "label": plain("x")}], "unsupported type: input in a message"),
        ([{"type": "markdown", "text": "x" * 12_001}], "12000 characters"),
        ([{**BUTTON, "elements": [{"type": "plain_text_input"}]}], "unsupported element plain_text_input"),
        ([{**BUTTON, "elements": BUTTON["elements"] * 2}], "action_id go is used more than once"),
    ],
    ids=["long", "empty", "many", "same id", "input", "markdown", "element", "same action"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_blocks_beyond_slack_s_limits_are_refused(client: WebClient, blocks: list[Json], said: str) -> None:
    answer = refusal(client.chat_postMessage, channel=SUPPORT, text="x", blocks=blocks)

    assert answer["error"] == "invalid_blocks"
    assert any(said in message for message in answer["response_metadata"]["messages"])


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (modal(SECTION, title=plain("x" * 25)), "1 to 24 characters"),
        (modal(text_input("i")), "needs submit"),
        (modal(SECTION, private_metadata="x" * 3001), "3001 characters"),
        ({"type": "home", "blocks": []}, "must be of type modal"),
    ],
    ids=["title", "no submit", "metadata", "home"],
)
def test_modals_beyond_slack_s_limits_are_refused(
    client: WebClient, bot: Bot, ada: SandboxPerson, view: Json, said: str
) -> None:
    ada.act("command", channel=SUPPORT, text="")
    trigger = bot.next()["trigger_id"]

    assert said in str(refusal(client.views_open, trigger_id=trigger, view=view)["response_metadata"])


def test_reactions_are_given_once(client: WebClient, ada: SandboxPerson) -> None:
    ts = ada.say("hello")
    client.reactions_add(channel=SUPPORT, timestamp=ts, name="eyes")

    again = refusal(client.reactions_add, channel=SUPPORT, timestamp=ts, name="eyes")
    client.reactions_remove(channel=SUPPORT, timestamp=ts, name="eyes")
    gone = refusal(client.reactions_remove, channel=SUPPORT, timestamp=ts, name="eyes")

    assert (again["error"], gone["error"]) == ("already_reacted", "no_reaction")


def test_metadata_is_shown_only_where_it_is_asked_for(client: WebClient) -> None:
    metadata = {"event_type": "answer", "event_payload": {"id": "7"}}
    ts = client.chat_postMessage(channel=SUPPORT, text="x", metadata=metadata)["ts"]

    without = client.conversations_replies(channel=SUPPORT, ts=ts)["messages"][0]
    having = client.conversations_replies(channel=SUPPORT, ts=ts, include_all_metadata=True)["messages"][0]

    assert "metadata" not in without
    assert having["metadata"] == metadata


def test_a_long_thread_comes_in_pages(client: WebClient) -> None:
    root = client.chat_postMessage(channel=SUPPORT, text="0")["ts"]
    for n in range(1, 5):
        client.chat_postMessage(channel=SUPPORT, text=str(n), thread_ts=root)

    pages = client.conversations_replies(channel=SUPPORT, ts=root, limit=2)
    texts = [[m["text"] for m in page["messages"]] for page in pages]

    assert texts == [["0", "1"], ["2", "3"], ["4"]]


# Events


def test_a_mention_comes_as_message_and_as_app_mention(bot: Bot, ada: SandboxPerson) -> None:
    ts = ada.say("@manualbot is 2 < 3 & true?")

    first, second = bot.about(ts, 2)

    assert [first["event"]["type"], second["event"]["type"]] == ["message", "app_mention"]
    assert first["event_id"] != second["event_id"]
    for payload in (first, second):
        event = payload["event"]
        assert (event["user"], event["channel"], event["ts"], event["event_ts"]) == (ADA, SUPPORT, ts, ts)
        assert event["text"] == f"<@{BOT}> is 2 &lt; 3 &amp; true?"
        assert payload["type"] == "event_callback"
        assert payload["authorizations"][0]["user_id"] == BOT
    assert first["event"]["channel_type"] == "channel"
    assert "channel_type" not in second["event"]


def test_in_a_thread_the_event_names_it(bot: Bot, ada: SandboxPerson) -> None:
    root = ada.say("hello")
    again = ada.say("and again", thread_ts=root)

    events = [bot.about(ts, 1)[0]["event"] for ts in (root, again)]

    assert [event.get("thread_ts") for event in events] == [None, root]
    assert events[1]["parent_user_id"] == ADA


def test_nothing_comes_from_a_channel_that_the_bot_is_not_in(bot: Bot, ada: SandboxPerson) -> None:
    ada.say("@manualbot hello", PRINTERS)
    ts = ada.say("here", ada.dm)

    assert bot.next()["event"]["ts"] == ts


def test_a_reaction_carries_no_text(bot: Bot, ada: SandboxPerson) -> None:
    ts = ada.say("hello")
    ada.act("react", channel=SUPPORT, ts=ts, name="thumbsup::skin-tone-3")
    ada.act("react", channel=SUPPORT, ts=ts, name="+1::skin-tone-3")

    added, removed = bot.next("reaction_added")["event"], bot.next("reaction_removed")["event"]

    assert set(added) == {"type", "user", "reaction", "item", "item_user", "event_ts"}
    assert (added["reaction"], added["item_user"]) == ("+1::skin-tone-3", ADA)
    assert added["item"] == removed["item"] == {"type": "message", "channel": SUPPORT, "ts": ts}
    assert added["event_ts"] < removed["event_ts"]


def test_edits_and_deletions_come_as_subtypes(bot: Bot, ada: SandboxPerson) -> None:
    ts = ada.say("hello")
    ada.act("edit", channel=SUPPORT, ts=ts, text="hullo")
    ada.act("delete", channel=SUPPORT, ts=ts)
    bot.next()

    changed, deleted = bot.next()["event"], bot.next()["event"]

    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "hullo")
    assert changed["previous_message"]["text"] == "hello"
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)


def test_a_file_comes_with_an_address_that_the_token_opens(
    sandbox: SandboxAddress, bot: Bot, ada: SandboxPerson
) -> None:
    ada.send_file("User Guide.md", b"# Care")

    event = bot.next()["event"]
    address = event["files"][0]["url_private_download"]
    with urlopen(Request(address, headers={"Authorization": f"Bearer {sandbox.bot_token}"})) as response:
        content = response.read()
    with urlopen(address) as response:
        without_token = response.headers["content-type"]

    assert (event["subtype"], event["files"][0]["name"]) == ("file_share", "User Guide.md")
    assert content == b"# Care"
    assert without_token.startswith("text/html")


def test_an_event_that_is_not_acknowledged_comes_again_with_its_attempt(
    bot: Bot, ada: SandboxPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.socket_mode.ACK_TIMEOUT_S", 0.2)
    bot.deaf = True
    ada.say("hello", ada.dm)
    first = bot.received.get(timeout=5)
    bot.deaf = False

    second = bot.received.get(timeout=5)

    assert (first.retry_attempt, second.retry_attempt) == (0, 1)
    assert second.retry_reason == "timeout"
    assert first.payload["event_id"] == second.payload["event_id"]
    assert first.envelope_id != second.envelope_id


# Interactions


def test_a_command_carries_what_slack_s_does(bot: Bot, ada: SandboxPerson) -> None:
    ada.act("command", channel=SUPPORT, text="ask why?")

    payload = bot.next()

    assert (payload["command"], payload["text"], payload["user_id"]) == ("/manual", "ask why?", ADA)
    assert (payload["channel_id"], payload["channel_name"]) == (SUPPORT, "support")
    assert {"response_url", "trigger_id", "api_app_id", "team_id"} <= set(payload)


def test_what_goes_with_the_acknowledgement_is_shown_to_the_person(bot: Bot, ada: SandboxPerson) -> None:
    bot.answers["command"] = {"text": "Only you see this"}

    ada.act("command", channel=SUPPORT, text="")

    assert ada.messages()[-1]["text"] == "Only you see this"
    assert all(m["text"] != "Only you see this" for m in SandboxPerson(ada.url, BEN).messages())


def test_a_response_url_answers_five_times(bot: Bot, ada: SandboxPerson) -> None:
    ada.act("command", channel=SUPPORT, text="")
    webhook = WebhookClient(bot.next()["response_url"])

    answers = [webhook.send(text=str(n)) for n in range(6)]

    assert [answer.body for answer in answers] == ["ok"] * 5 + ["used_url"]


def test_a_press_carries_message_state_and_action(client: WebClient, bot: Bot, ada: SandboxPerson) -> None:
    ts = client.chat_postMessage(channel=SUPPORT, text="x", blocks=[SECTION, BUTTON])["ts"]

    ada.act("press", channel=SUPPORT, ts=ts, block_id="b", action_id="go")
    payload = bot.next("block_actions")

    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "b", "v")
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": SUPPORT,
        "is_ephemeral": False,
    }
    assert payload["message"]["ts"] == ts
    assert payload["state"] == {"values": {}}


def test_an_ephemeral_message_is_replaced_and_deleted_by_its_response_url(
    client: WebClient, bot: Bot, ada: SandboxPerson
) -> None:
    ts = client.chat_postEphemeral(channel=SUPPORT, user=ADA, text="x", blocks=[BUTTON])["message_ts"]
    ada.act("press", channel=SUPPORT, ts=ts, block_id="b", action_id="go")
    payload = bot.next("block_actions")
    webhook = WebhookClient(payload["response_url"])

    def shown() -> list[str]:
        return [m["text"] for m in ada.messages() if m["ts"] == ts]

    webhook.send(text="other", replace_original=True)
    replaced = shown()
    webhook.send(delete_original=True)

    assert "message" not in payload
    assert payload["container"]["is_ephemeral"] is True
    assert (replaced, shown()) == (["other"], [])


def test_a_trigger_opens_one_view_and_only_in_time(
    client: WebClient, bot: Bot, ada: SandboxPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.act("command", channel=SUPPORT, text="")
    used = bot.next()["trigger_id"]
    client.views_open(trigger_id=used, view=modal(SECTION))
    monkeypatch.setattr(views, "TRIGGER_LIFE_S", 0.01)
    ada.act("command", channel=SUPPORT, text="")
    late = bot.next()["trigger_id"]
    time.sleep(0.05)

    errors = [
        refusal(client.views_open, trigger_id=trigger, view=modal(SECTION))["error"]
        for trigger in (used, late, "1.2.abc")
    ]

    assert errors == ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]


def open_modal(client: WebClient, bot: Bot, ada: SandboxPerson) -> str:
    ada.act("command", channel=SUPPORT, text="")
    view = modal(text_input("name"), submit=plain("Save"), notify_on_close=True)
    return str(client.views_open(trigger_id=bot.next()["trigger_id"], view=view)["view"]["id"])


def test_a_required_input_that_is_empty_is_not_sent(client: WebClient, bot: Bot, ada: SandboxPerson) -> None:
    view_id = open_modal(client, bot, ada)

    ada.act("submit", view_id=view_id, values={})

    assert ada.modal()["errors"] == {"name": "Please complete this required field."}
    assert bot.received.empty()


@pytest.mark.parametrize(
    ("answer", "stack"),
    [
        (None, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "errors", "errors": {"name": "no"}}, [("Title", {"name": "no"})]),
        ({"response_action": "update", "view": modal(SECTION, title=plain("New"))}, [("New", {})]),
        (
            {"response_action": "push", "view": modal(SECTION, title=plain("New"))},
            [("Title", {}), ("New", {})],
        ),
    ],
    ids=["close", "clear", "errors", "update", "push"],
)
def test_a_submission_is_answered_by_its_acknowledgement(
    client: WebClient, bot: Bot, ada: SandboxPerson, answer: Json | None, stack: list[tuple[str, Json]]
) -> None:
    view_id = open_modal(client, bot, ada)
    if answer is not None:
        bot.answers["view_submission"] = answer

    ada.act("submit", view_id=view_id, values={"name": {"text": "Ada"}})

    submitted = bot.next("view_submission")["view"]
    assert submitted["state"]["values"] == {"name": {"text": {"type": "plain_text_input", "value": "Ada"}}}
    assert [(view["title"]["text"], view["errors"]) for view in ada.state()["modals"]] == stack


def test_closing_a_modal_tells_the_bot_that_asked_for_it(
    client: WebClient, bot: Bot, ada: SandboxPerson
) -> None:
    view_id = open_modal(client, bot, ada)

    ada.act("close", view_id=view_id)

    closed = bot.next("view_closed")
    assert (closed["view"]["id"], closed["is_cleared"]) == (view_id, False)
    assert ada.modal() is None


def test_an_update_with_an_old_hash_conflicts(client: WebClient, bot: Bot, ada: SandboxPerson) -> None:
    view_id = open_modal(client, bot, ada)
    first = client.views_update(view_id=view_id, view=modal(SECTION))["view"]["hash"]
    client.views_update(view_id=view_id, hash=first, view=modal(SECTION))

    assert refusal(client.views_update, view_id=view_id, hash=first, view=modal())["error"] == "hash_conflict"


def test_opening_the_app_tells_the_tab_and_the_home_that_is_there(
    client: WebClient, bot: Bot, ada: SandboxPerson
) -> None:
    ada.act("open_app", tab="home")
    client.views_publish(user_id=ADA, view={"type": "home", "blocks": [SECTION]})
    ada.act("open_app", tab="home")

    first, second = bot.next("app_home_opened")["event"], bot.next("app_home_opened")["event"]

    assert (first["tab"], "view" in first) == ("home", False)
    assert second["view"]["blocks"] == [SECTION]


def test_the_shortcut_carries_the_message(bot: Bot, ada: SandboxPerson) -> None:
    ts = ada.say("How?", PRINTERS)

    ada.act("shortcut", channel=PRINTERS, ts=ts)

    payload = bot.next("message_action")
    assert (payload["callback_id"], payload["message_ts"]) == ("answer_from_manuals", ts)
    assert (payload["message"]["text"], payload["channel"]["name"]) == ("How?", "printer-support")


def test_without_a_bot_a_press_fails_at_once() -> None:
    address = start_sandbox(port=0)
    try:
        answer = SandboxPerson(address.url).act("command", channel=SUPPORT, text="")
    finally:
        address.stop()

    assert answer == {"ok": False, "error": "dispatch_failed"}


# Bad days


def test_429_names_the_seconds_to_wait(sandbox: SandboxAddress, ada: SandboxPerson) -> None:
    client = WebClient(
        sandbox.bot_token,
        base_url=sandbox.api_url,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=2)],
    )
    ada.act("misbehave", faults={"rate_limit": 1, "retry_after_s": 1})
    begun = time.monotonic()

    client.chat_postMessage(channel=SUPPORT, text="x")

    assert time.monotonic() - begun >= 1.0


def test_slow_answers_come_after_their_work_is_done(client: WebClient, ada: SandboxPerson) -> None:
    ada.act("misbehave", faults={"slow_s": 0.5})
    begun = time.monotonic()

    client.chat_postMessage(channel=SUPPORT, text="slow")

    assert time.monotonic() - begun >= 0.5
    assert ada.messages()[-1]["text"] == "slow"
    ada.act("misbehave", faults={"slow_s": 0})


def test_as_many_events_are_sent_again_as_were_asked_for(bot: Bot, ada: SandboxPerson) -> None:
    for text in ("one", "two", "three"):
        ada.say(text, ada.dm)
    sent = [bot.received.get(timeout=5).payload["event_id"] for _ in range(3)]

    ada.act("redeliver", n=0)
    ada.act("redeliver", n=2)
    again = [bot.received.get(timeout=5).payload["event_id"] for _ in range(2)]

    assert again == sent[1:]
    assert bot.received.empty()


def test_redelivery_repeats_the_event_in_new_envelopes(bot: Bot, ada: SandboxPerson) -> None:
    ada.act("misbehave", faults={"redeliver": 2})
    ada.say("hello", ada.dm)
    requests = [bot.received.get(timeout=5) for _ in range(3)]
    ada.act("misbehave", faults={"redeliver": 0})

    assert len({request.envelope_id for request in requests}) == 3
    assert len({request.payload["event_id"] for request in requests}) == 1
    assert [request.retry_attempt for request in requests] == [0, 1, 2]
