import logging
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import pytest
from fakes_bot import answer, declined
from fakes_retraining import changed, put_report, report
from fakes_slack import ADMIN, BOT, CHANNEL, ERIC, FakeAnswerer, button_body, open_bench, submission_body
from slack_limits import check_message, check_view, texts
from slack_sdk.errors import SlackApiError, SlackObjectFormationError

from bot.actions import ACTION_SOURCE_REMOVE
from bot.admins import UnknownYetError
from bot.deliveries import Lane
from bot.engines import Engines
from bot.listeners.config import handle_config, handle_config_command
from bot.listeners.home import handle_opened, publish_home, sort_opened
from bot.listeners.sources import handle_index, handle_remove, handle_sources
from bot.listeners.status import handle_forget_me, handle_status
from bot.questions.channels import ChannelConfig
from bot.questions.posts import Thread
from bot.slack.api import Identity
from bot.slack.posting import Later
from bot.views.config import Choices, UserGroup, config_modal, read_config, read_percent
from bot.views.form_inputs import Refused
from bot.views.kit import actions, button, home
from qa_core.errors import IndexingError, SourceError
from qa_core.indexing.library import IndexReport, SourceSummary
from qa_core.indexing.survey import Failure
from training.feedback.triplet_facts import read_facts
from training.votes import Correction, Signal

REPORT = IndexReport(3, 10, 20, 1, 2, 0, 1.25)


class FakeLibrary:
    """Knows two sources, and says what it is told to say of indexing."""

    def __init__(self) -> None:
        self.report = REPORT
        self.done: list[tuple[str, object]] = []

    def sources(self):
        return (
            SourceSummary("/srv/manuals", "folder", 3, 20, "2026-11-01T10:00:00+00:00"),
            SourceSummary("/srv/<!channel>.pdf", "file", 1, 5, ""),
        )

    def refresh(self):
        self.done.append(("refresh", None))
        return self.report

    def remove(self, path):
        if ("remove", path) in self.done:
            raise SourceError(f"{path} is not a source")
        self.done.append(("remove", path))
        return self.report

    def ensure_index(self):
        return self.report


@pytest.fixture
def library():
    return FakeLibrary()


@pytest.fixture
def bench(tmp_path, library):
    with open_bench(tmp_path, library=library, passages=(answer().hits[0].passage,)) as opened:
        yield opened


def command(text, person=ADMIN):
    return {"command": "/manual", "text": text, "user_id": person, "channel_id": CHANNEL, "trigger_id": "t1"}


def told(bench):
    """The texts of the last thing that one person was shown."""
    call = bench.slack.of("chat_postEphemeral", "chat_postMessage")[-1]
    check_message({"text": call["text"], "blocks": call["blocks"]})
    return "\n".join(texts(call["blocks"]))


def test_whoever_is_no_administrator_is_told_so_and_it_is_logged(bench, library, caplog):
    with caplog.at_level(logging.WARNING):
        handle_config_command(bench.services, bench.task(command("config", ERIC)))
        assert "Sorry, only administrators may ask me to configure channels." in told(bench)
        handle_sources(bench.services, bench.task(command("sources refresh", ERIC)))
        assert "Sorry, only administrators may ask me to change its sources." in told(bench)
    assert bench.slack.of("views_open") == []
    assert library.done == []
    assert [record.getMessage() for record in caplog.records] == [
        "UERIC is no administrator and was refused: to configure channels",
        "UERIC is no administrator and was refused: to change its sources",
    ]


@pytest.mark.parametrize("role", ["is_admin", "is_owner", "is_primary_owner"])
def test_an_administrator_of_the_workspace_may(bench, role):
    bench.slack.answers["users_info"] = {"user": {"id": ERIC, role: True}}
    handle_config_command(bench.services, bench.task(command("config", ERIC)))
    assert len(bench.slack.of("views_open")) == 1


@pytest.mark.parametrize(
    "more",
    [{"team_id": "T9"}, {"team_id": "T1", "is_stranger": True}, {"deleted": True}, {"is_bot": True}],
    ids=["of another workspace", "a stranger", "gone", "a bot"],
)
def test_a_role_elsewhere_is_none_here(bench, more):
    bench.slack.answers["users_info"] = {"user": {"id": ERIC, "is_admin": True} | more}
    handle_config_command(bench.services, bench.task(command("config", ERIC)))
    assert bench.slack.of("views_open") == []


@pytest.mark.parametrize(
    "more",
    [{"team_id": "T1"}, {"team_id": "T9", "enterprise_user": {"teams": ["T9", "T1"]}}],
    ids=["of this workspace", "of an organisation with this workspace"],
)
def test_an_administrator_of_here_may_wherever_they_joined(bench, more):
    bench.slack.answers["users_info"] = {"user": {"id": ERIC, "is_admin": True} | more}
    handle_config_command(bench.services, bench.task(command("config", ERIC)))
    assert len(bench.slack.of("views_open")) == 1


@pytest.mark.parametrize(("organisation", "n_opened"), [("E1", 1), ("E2", 0)])
def test_where_the_app_is_an_organisations_its_workspaces_administrators_may(bench, organisation, n_opened):
    services = replace(bench.services, identity=Identity(BOT, "B1", "E1"))
    inside = {"enterprise_id": organisation, "teams": ["T9"]}
    user = {"id": ERIC, "is_admin": True, "team_id": "T9", "enterprise_user": inside}
    bench.slack.answers["users_info"] = {"user": user}
    handle_config_command(services, bench.task(command("config", ERIC)))
    assert len(bench.slack.of("views_open")) == n_opened


def test_nobody_may_where_slack_does_not_say_who_is_who(bench):
    bench.slack.answers["users_info"] = "missing_scope"
    handle_config_command(bench.services, bench.task(command("config", ERIC)))
    assert bench.slack.of("views_open") == []


@pytest.mark.parametrize("error", ["internal_error", "ratelimited", "unreached"])
def test_nobody_is_refused_because_slack_cannot_say_it_just_now(bench, error):
    def unreached(_arguments):
        raise URLError("reset")

    bench.slack.answers["users_info"] = unreached if error == "unreached" else error
    with pytest.raises(UnknownYetError, match="just now whether you are an administrator"):
        handle_config_command(bench.services, bench.task(command("config", ERIC)))
    publish_home(bench.services, ERIC)
    assert "Triplets" not in str(bench.slack.one("views_publish")["view"])


def test_status_tells_release_manuals_questions_and_votes(bench):
    answer_id = bench.give()
    bench.give(declined())
    bench.services.votes.add_signal(Signal("e1", answer_id, ERIC, "button", 1, 4e9))
    handle_status(bench.services, bench.task(command("status", ERIC)))
    assert told(bench) == (
        "Status\n"
        "*Release:* r1\n"
        "*Manuals:* 1 manual of 1 product, 1 passage\n"
        "*Today:* 2 questions, 50% answered, 1 vote up and 0 down, 0 corrections\n"
        "*Last 30 days:* 2 questions, 50% answered, 1 vote up and 0 down, 0 corrections"
    )


def test_forget_me_deletes_this_persons_questions_and_votes_only(bench):
    theirs, mine = bench.give(asked_by=ADMIN), bench.give(asked_by=ERIC)
    votes = bench.services.votes
    votes.add_signal(Signal("e1", theirs, ERIC, "button", 1, 1.0))
    votes.add_signal(Signal("e2", theirs, ADMIN, "button", 1, 2.0))
    votes.correct(Correction("V1", theirs, ERIC, "not_in_manuals", "r1", 3.0))

    handle_forget_me(bench.services, bench.task(command("forget-me", ERIC)))

    assert bench.services.answers.get(mine) is None
    assert bench.services.answers.get(theirs) is not None
    assert [vote.person for vote in votes.votes_on(theirs)] == [ADMIN]
    assert votes.corrections(theirs) == ()
    assert told(bench).startswith(
        "Done. I have deleted 1 question of yours with their answers, and 2 votes and"
    )


def test_forget_me_deletes_what_was_kept_of_the_questions_for_learning(bench):
    mine = bench.give(asked_by=ERIC)
    bench.services.votes.add_signal(Signal("e1", mine, ADMIN, "button", 1, 1.0))
    assert list(read_facts(bench.services.store).shown) != []

    handle_forget_me(bench.services, bench.task(command("forget-me", ERIC)))

    assert bench.services.store.rows("SELECT * FROM shown_answers") == []


def test_forget_me_takes_the_questions_out_of_the_reports_of_retrainings(bench):
    bench.give(replace(bench.engine.given, question="How does Anna descale?"), asked_by=ERIC)
    home = bench.services.settings.base.home
    folder = put_report(home, report(changed=(changed("How does Anna descale?"), changed("Which filter?"))))

    handle_forget_me(bench.services, bench.task(command("forget-me", ERIC)))

    kept = [each["question"] for each in folder.read("report")["changed"]]
    assert kept == ["[forgotten]", "Which filter?"]
    assert "What releases remember of them is not used any more" in told(bench)


def test_forget_me_deletes_follow_ups_in_threads_that_others_began(bench):
    threads = bench.services.threads
    threads.keep(Thread(CHANNEL, "1.0", ADMIN, "How do I descale it?"))
    threads.keep(Thread(CHANNEL, "1.0", ERIC, "And mine, of Acme Ltd?"))

    handle_forget_me(bench.services, bench.task(command("forget-me", ERIC)))

    assert threads.get(CHANNEL, "1.0").question == ""


def test_sources_are_listed_with_buttons_for_administrators(bench):
    handle_sources(bench.services, bench.task(command("sources")))
    blocks = bench.slack.one("chat_postEphemeral")["blocks"]
    assert (
        "*/srv/manuals*\n3 manuals, 20 passages, "
        "read <!date^1793527200^{date_short_pretty} {time}|2026-11-01 10:00 UTC>"
    ) in told(bench)
    assert [b["accessory"]["value"] for b in blocks if "accessory" in b] == [
        "/srv/manuals",
        "/srv/<!channel>.pdf",
    ]


def test_others_see_the_sources_names_alone(bench):
    handle_sources(bench.services, bench.task(command("sources", ERIC)))
    assert "*manuals*" in told(bench)
    assert "/srv" not in told(bench)
    assert not any("accessory" in block for block in bench.slack.one("chat_postEphemeral")["blocks"])


def run_index(bench):
    task = bench.services.inbox.claim(Lane.CHORE)
    handle_index(bench.services, task)


def test_sources_are_read_again_and_what_failed_is_named(bench, library):
    library.report = replace(REPORT, failures=(Failure("/srv/manuals/<b>.pdf", "is encrypted"),))
    handle_sources(bench.services, bench.task(command("sources refresh")))
    assert told(bench) == "I am reading the manuals, and will tell you when it is done."
    run_index(bench)
    assert library.done == [("refresh", None)]
    assert told(bench) == (
        "*I have read all sources again.*\n"
        "3 manuals, 10 sections, 20 passages; 1.2 seconds\n"
        "1 new or changed, 2 unchanged, 0 removed\n"
        "*Not indexed:*\n"
        "• &lt;b&gt;.pdf: is encrypted"
    )


def test_a_source_is_taken_out_by_its_button_or_by_its_path(bench, library):
    handle_remove(bench.services, bench.task(button_body(ACTION_SOURCE_REMOVE, "/srv/manuals", ADMIN)))
    run_index(bench)
    handle_sources(bench.services, bench.task(command("sources remove /srv/<!channel>.pdf")))
    run_index(bench)
    assert library.done == [("remove", Path("/srv/manuals")), ("remove", Path("/srv/<!channel>.pdf"))]


def test_what_was_taken_out_answers_no_more_when_that_is_said(bench, library):
    without = FakeAnswerer(passages=())
    bench.services = replace(
        bench.services,
        engines=Engines(lambda: without if library.done else bench.engine, lambda: len(library.done)),
    )
    bench.services.engines.current()
    answering = []
    bench.slack.answers["chat_postEphemeral"] = lambda _: (
        answering.append(bench.services.engines.current()) or {}
    )
    handle_remove(bench.services, bench.task(button_body(ACTION_SOURCE_REMOVE, "/srv/manuals", ADMIN)))
    run_index(bench)
    assert answering == [bench.engine, without]


def test_whoever_took_a_source_out_is_told_so_also_when_the_bot_was_killed_right_after_it(bench, library):
    handle_remove(bench.services, bench.task(button_body(ACTION_SOURCE_REMOVE, "/srv/manuals", ADMIN)))
    library.remove(Path("/srv/manuals"))
    run_index(bench)
    assert told(bench).startswith("*/srv/manuals is taken out.*\n3 manuals")


def test_a_source_that_there_is_not_is_told_so(bench, library):
    handle_sources(bench.services, bench.task(command("sources remove /etc")))
    assert told(bench).startswith("/etc is not one of the sources.")
    handle_sources(bench.services, bench.task(command("sources dance")))
    assert told(bench).startswith("`/manual sources` lists them,")
    assert library.done == []


def test_a_path_of_any_length_is_told_to_be_no_source(bench, library):
    handle_sources(bench.services, bench.task(command(f"sources remove /{'x' * 4_000}")))
    assert "… is not one of the sources." in told(bench)
    assert library.done == []


CONFIG = ChannelConfig(CHANNEL, ("Meridio 300",), 0.6, True, False, "U7")


def test_the_settings_modal_shows_what_is_set_and_reads_back_the_same():
    view = config_modal(CONFIG, Choices(("Folio", "Meridio 300"), (UserGroup("S1", "@it"),), 0.4))
    check_view(view)
    elements = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    values = {
        "products": {"selected_options": elements["products"]["initial_options"]},
        "threshold": {"value": elements["threshold"]["initial_value"]},
        "behaviour": {"selected_options": elements["behaviour"]["initial_options"]},
        "person": {"selected_user": elements["person"]["initial_user"]},
        "group": {"selected_option": elements["group"].get("initial_option")},
    }
    assert read_config(submission_body(view, values)["view"], ("Folio", "Meridio 300")) == CONFIG


@pytest.mark.parametrize(
    ("share", "shown"), [(0.005, "0.5 %"), (0.01, "1 %"), (0.625, "62.5 %"), (0.0, "0 %")]
)
def test_a_threshold_is_shown_as_it_is_read_back(share, shown):
    view = config_modal(ChannelConfig(CHANNEL, threshold=share), Choices(()))
    [value] = [
        b["element"]["initial_value"]
        for b in view["blocks"]
        if b["type"] == "input" and b["block_id"] == "threshold"
    ]
    assert value == shown
    assert read_percent(value) == share


def test_an_empty_form_is_a_channel_without_settings_that_answers_no_follow_ups():
    view = config_modal(ChannelConfig(CHANNEL), Choices(()))
    check_view(view)
    assert read_config(submission_body(view, {})["view"], ()) == ChannelConfig(CHANNEL, follow_ups=False)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", None),
        ("60", 0.6),
        (" 60 % ", 0.6),
        ("0.6", 0.6),
        ("62,5", 0.625),
        ("0", 0.0),
        ("100", 1.0),
        ("0.5%", 0.005),
    ],
)
def test_a_threshold_is_read_as_people_write_it(text, share):
    assert read_percent(text) == share


@pytest.mark.parametrize("text", ["x", "101", "-1", "nan", "6 0"])
def test_a_threshold_that_is_none_is_given_back(text):
    view = config_modal(ChannelConfig(CHANNEL), Choices(()))
    response = read_config(submission_body(view, {"threshold": {"value": text}})["view"], ())
    assert response == Refused("threshold", "A number from 0 to 100, or nothing")


def test_a_person_and_a_group_at_once_are_given_back():
    view = config_modal(ChannelConfig(CHANNEL), Choices((), (UserGroup("S1", "@it"),)))
    values = {"person": {"selected_user": "U7"}, "group": {"selected_option": {"value": "S1"}}}
    response = read_config(submission_body(view, values)["view"], ())
    assert response == Refused("group", "A person or a user group, not both")


def test_a_group_beyond_those_that_slack_can_show_stays_chosen():
    groups = tuple(UserGroup(f"S{number}", f"@group-{number}") for number in range(150))
    for known in (groups, ()):
        view = config_modal(replace(CONFIG, person="S120"), Choices((), known))
        check_view(view)
        [element] = [b["element"] for b in view["blocks"] if b.get("block_id") == "group"]
        assert element["initial_option"]["value"] == "S120"
        assert element["initial_option"]["text"]["text"] == ("@group-120" if known else "S120")
        groups_of_100 = [len(group["options"]) for group in element.get("option_groups", ())]
        assert groups_of_100 == ([100, 50] if known else [])


def test_every_one_of_many_products_can_be_chosen():
    products = tuple(f"Product {number:03}" for number in range(250))
    config = replace(CONFIG, products=("Product 249",))
    view = config_modal(config, Choices(products))
    check_view(view)
    [element] = [b["element"] for b in view["blocks"] if b.get("block_id") == "products"]
    labels = [group["label"]["text"] for group in element["option_groups"]]
    assert labels == [
        "Product 000 – Product 099",
        "Product 100 – Product 199",
        "Product 200 – Product 249",
    ]
    values = {"products": {"selected_options": element["initial_options"]}}
    read = read_config(submission_body(view, values)["view"], products)
    assert isinstance(read, ChannelConfig)
    assert read.products == ("Product 249",)


def test_direct_messages_are_configured_as_such(bench):
    config = ChannelConfig("D1")
    view = config_modal(config, Choices(("Meridio 300",)))
    check_view(view)
    assert next(texts(view["blocks"])).startswith("For our direct messages. Leave a field empty")

    handle_config(bench.services, bench.task(submission_body(view, {}, ADMIN)))

    assert told(bench).startswith("Saved. I answer from all manuals, every question here, and follow-ups")


def test_saving_keeps_a_product_that_is_not_indexed_just_now(bench):
    config = replace(CONFIG, products=("Folio",))
    bench.services.channels.save(config, ADMIN)
    values = {
        "products": {"selected_options": [{"value": "Folio"}, {"value": "Meridio 300"}]},
        "threshold": {"value": "70"},
    }
    view = config_modal(config, Choices(("Meridio 300",)))

    handle_config(bench.services, bench.task(submission_body(view, values, ADMIN)))

    saved = bench.services.channels.get(CHANNEL)
    assert (set(saved.products), saved.threshold) == ({"Folio", "Meridio 300"}, 0.7)


def test_a_modal_without_user_groups_is_no_error(bench):
    def out_of_reach(_arguments):
        raise URLError("reset")

    bench.slack.answers["usergroups_list"] = out_of_reach
    handle_config_command(bench.services, bench.task(command("config", ADMIN)))
    assert [call.method for call in bench.slack.calls] == ["views_open", "usergroups_list"]


def test_a_home_that_slack_does_not_take_just_now_is_published_later(bench):
    task = bench.task({"event": {"user": ERIC, "tab": "home"}})
    bench.slack.answers["views_publish"] = "internal_error"
    with pytest.raises(Later):
        handle_opened(bench.services, task)
    bench.slack.answers["views_publish"] = "invalid_arguments"
    with pytest.raises(SlackApiError):
        handle_opened(bench.services, task)


def test_a_home_over_a_limit_of_slacks_is_an_error_and_no_outage(bench, monkeypatch):
    overlong = actions(button("Pick", "pick", "x" * 2_001))
    monkeypatch.setattr("bot.listeners.home.home_view", lambda *_: home([overlong]))
    with pytest.raises(SlackObjectFormationError):
        handle_opened(bench.services, bench.task({"event": {"user": ERIC, "tab": "home"}}))


def test_the_modal_is_opened_before_user_groups_are_asked_for(bench):
    bench.slack.answers["usergroups_list"] = {"usergroups": [{"id": "S1", "handle": "it"}]}
    handle_config_command(bench.services, bench.task(command("config")))
    assert [call.method for call in bench.slack.calls] == ["views_open", "usergroups_list", "views_update"]
    assert "@it" in str(bench.slack.one("views_update")["view"])
    check_view(bench.slack.one("views_update")["view"])


def test_settings_are_saved_by_administrators_only(bench):
    view = config_modal(CONFIG, Choices(("Meridio 300",)))
    values = {"person": {"selected_user": "U7"}, "threshold": {"value": "70"}}
    handle_config(bench.services, bench.task(submission_body(view, values, ERIC)))
    assert bench.services.channels.get(CHANNEL) == ChannelConfig(CHANNEL)
    handle_config(bench.services, bench.task(submission_body(view, values, ADMIN)))
    assert bench.services.channels.get(CHANNEL) == ChannelConfig(CHANNEL, (), 0.7, False, False, "U7")
    assert told(bench) == (
        "Saved. I answer from all manuals, when I am mentioned, and follow-ups only with a mention. "
        "I want to be at least 70% sure. “Ask a person” calls <@U7>."
    )


def opened(person, tab="home"):
    return {"event_id": "Ev1", "event": {"type": "app_home_opened", "user": person, "tab": tab}}


def test_the_home_tells_everyone_what_the_bot_knows_and_how_to_ask(bench):
    bench.give(declined("What is the price?"))
    handle_opened(bench.services, bench.task(opened(ERIC)))
    published = bench.slack.one("views_publish")
    check_view(published["view"])
    shown = "\n".join(texts(published["view"]))
    assert published["user_id"] == ERIC
    assert "• Meridio 300" in shown
    assert "mention me, <@UBOT>, with the question" in shown
    assert "What is the price?" not in shown


def test_the_home_tells_administrators_also_how_it_goes(bench):
    bench.give(declined("What is the <!channel> price?"))
    answer_id = bench.give(answer(question="How often?"))
    bench.services.votes.add_signal(Signal("e1", answer_id, ERIC, "button", -1, 4e9))
    bench.services.votes.correct(Correction("V1", answer_id, ERIC, "not_in_manuals", "r1", 4e9))
    handle_opened(bench.services, bench.task(opened(ADMIN)))
    view = bench.slack.one("views_publish")["view"]
    check_view(view)
    shown = "\n".join(texts(view))
    assert "2 questions, 50% answered, 0 votes up and 1 down, 1 correction" in shown
    assert "• What is the &lt;!channel&gt; price? · <!date^" in shown
    assert "*How often?*\nDescale the machine every 200 cups.\n→ the manuals don't say" in shown


def test_a_full_home_keeps_slacks_limits(bench):
    for number in range(40):
        answer_id = bench.give(answer(question=f"Question {number} {'<&> ' * 200}"))
        bench.services.votes.add_signal(Signal(f"e{number}", answer_id, ERIC, "button", -1, 4e9 + number))
        bench.give(declined(f"Unanswered {number} {'<&> ' * 200}"))
    passage = answer().hits[0].passage
    bench.engine.passages = tuple(
        replace(passage, manual=replace(passage.manual, id=f"m{n}", product=f"Product {n} {'<&>' * 50}"))
        for n in range(300)
    )
    handle_opened(bench.services, bench.task(opened(ADMIN)))
    check_view(bench.slack.one("views_publish")["view"])


def test_the_home_tells_why_nothing_answers_and_leaves_peoples_messages_alone(bench):
    def damaged():
        raise IndexingError("The index in <home> is damaged. Build it again: manualbot index")

    bench.services = replace(bench.services, engines=Engines(damaged, lambda: 1))
    for person in (ERIC, ADMIN):
        handle_opened(bench.services, bench.task(opened(person)))
        view = bench.slack.of("views_publish")[-1]["view"]
        check_view(view)
        why = (
            "I cannot answer just now. The index in &lt;home&gt; is damaged. Build it again: manualbot index"
        )
        assert why in list(texts(view))
    assert bench.slack.of("chat_postEphemeral", "chat_postMessage") == []


def test_only_the_home_tab_is_filled(bench):
    assert len(sort_opened(bench.services, opened(ERIC))) == 1
    assert sort_opened(bench.services, opened(ERIC, "messages")) == ()
