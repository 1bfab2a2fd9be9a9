"""What administrators see and do about triplets in the App Home."""

import json
from dataclasses import replace

import pytest
from fakes_slack import ADMIN, ERIC, button_body, open_bench, submission_body
from fakes_votes import CARE, LAMPS, WATER, Shop, passage
from slack_limits import check_view, texts

from bot.actions import (
    ACTION_RETRAIN,
    ACTION_TRIAGE_NEXT,
    ACTION_TRIPLET_APPROVE,
    ACTION_TRIPLET_EDIT,
    ACTION_TRIPLET_PICK,
    ACTION_TRIPLET_REJECT,
    ACTION_TRIPLETS_APPROVE,
)
from bot.engines import Engines
from bot.figures import overview
from bot.learning.standing import learning
from bot.listeners.home import handle_opened
from bot.listeners.triage import (
    check_amendment,
    handle_amendment,
    handle_approve,
    handle_edit,
    handle_page,
    handle_pick,
    handle_reject,
)
from bot.views.cases import cases_of
from bot.views.triage import blocks_of, case_blocks, pages_of
from training.feedback import triplet_store
from training.feedback.triage import Triage
from training.feedback.triplet import Rules
from training.retraining.jobs import Ending, Progress, Request
from training.settings import TrainingSettings

PASSAGES = (CARE, WATER, LAMPS)


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, passages=PASSAGES) as opened:
        yield opened


@pytest.fixture
def shop(bench):
    shop = Shop(bench.services.settings.base.home)
    yield shop
    shop.store.close()


def home(bench, person=ADMIN):
    """The tab as this person sees it when they open it."""
    handle_opened(bench.services, bench.task({"event": {"type": "app_home_opened", "user": person}}))
    return shown(bench)


def shown(bench):
    """The tab as it was published last."""
    view = bench.slack.of("views_publish")[-1]["view"]
    check_view(view)
    return view


def words(view):
    return "\n".join(texts(view["blocks"]))


def values(view, action_id):
    """The values of all buttons that do this."""
    elements = [each for block in view["blocks"] for each in block.get("elements", ())]
    return [each.get("value") for each in elements if each.get("action_id") == action_id]


def press(bench, handle, view, action_id, *, number=0, person=ADMIN):
    body = button_body(action_id, values(view, action_id)[number], person)
    for name in ("channel", "message"):
        del body[name]
    body |= {"container": {"type": "view", "view_id": "V1"}, "view": view}
    handle(bench.services, bench.task(body))


def told(bench):
    """The text of the modal that was opened last."""
    view = bench.slack.of("views_open")[-1]["view"]
    check_view(view)
    return "\n".join(texts(view["blocks"]))


def statuses(shop):
    return {triplet.answer: triplet.status for triplet in shop.triplets()}


def test_the_home_tells_administrators_how_learning_stands(bench, shop):
    shop.up(shop.ask())
    shop.up(shop.ask("Which filter?", span="filters", of=WATER), "U1")
    shop.up(shop.ask("Which filter?", span="A red light", of=LAMPS), "U2")
    shop.up(shop.ask("Blue?", span="A blue light", of=LAMPS))
    Triage(shop.open()).approve(next(t.id for t in shop.triplets() if t.question == "Blue?"))
    view = home(bench)
    assert (
        "*Release:* r1, made <!date^1793527200^{date_short_pretty} {time}|2026-11-01 10:00 UTC>\n"
        "*Triplets:* 3 wait for an administrator, 2 of them in conflict; 1 approved\n"
        "*New since the last retraining:* 1 approved triplet"
    ) in words(view)
    assert len(values(view, ACTION_RETRAIN)) == 1


def test_the_home_says_how_many_wait_for_more_people(bench, shop):
    shop.up(shop.ask(), "U1")
    shop.down(shop.ask("Which filter?", span="filters", of=WATER), "U1")
    rules = Rules(min_voters=2)
    settings = replace(bench.services.settings, training=TrainingSettings(rules=rules))
    bench.services = replace(bench.services, settings=settings)
    assert "0 wait for an administrator; 2 more wait until 2 people say the same; 0 approved" in words(
        home(bench)
    )


def test_the_home_reads_what_was_said_once(bench, shop):
    shop.up(shop.ask(), "U1")
    settings = replace(bench.services.settings, training=TrainingSettings(rules=Rules(min_voters=2)))
    bench.services = replace(bench.services, settings=settings)
    read: list[str] = []
    bench.services.store.db.conn.set_trace_callback(read.append)
    learning(bench.services)
    assert sum(sql.startswith("SELECT * FROM shown_answers") for sql in read) == 1
    learning(bench.services)
    assert sum(sql.startswith("SELECT * FROM shown_answers") for sql in read) == 1
    overview(bench.services)
    assert sum(sql.startswith("SELECT * FROM votes WHERE at >= 1") for sql in read) == 1


def test_nobody_else_sees_any_of_it(bench, shop):
    shop.up(shop.ask())
    view = home(bench, ERIC)
    assert "How often must I descale?" not in words(view)
    assert not any(block["type"] == "actions" for block in view["blocks"])


def test_a_waiting_triplet_is_shown_with_its_answer_in_the_passage_its_place_and_its_votes(bench, shop):
    shop.up(shop.ask(product="Meridio <300>"), "U1")
    shop.up(shop.ask(product="Meridio <300>"), "U2")
    assert (
        "*How often must I descale?*\n"
        "Descale the machine *every 200 cups*. Empty the tank first. Put in one tablet.\n"
        "meridio.md › Meridio › Care  ·  👍 2  👎 0  ·  votes  ·  asked about Meridio &lt;300&gt;"
    ) in words(home(bench))


def test_what_was_found_wrong_and_what_no_manual_says_is_told_so(bench, shop):
    shop.down(shop.ask(span="Put in one tablet."))
    shop.up(shop.ask("Does it make tea?", span=None))
    view = words(home(bench))
    assert "_Found wrong:_ Descale the machine every 200 cups. Empty the tank first. *Put in one" in view
    assert "*Does it make tea?*\n_The manuals don't say._ Nearest: Descale the machine" in view


def test_approving_takes_it_off_the_list_and_counts_it(bench, shop):
    shop.up(shop.ask())
    press(bench, handle_approve, home(bench), ACTION_TRIPLET_APPROVE)
    assert statuses(shop) == {"every 200 cups": "approved"}
    assert "0 wait for an administrator; 1 approved" in words(shown(bench))
    assert "Nothing waits for you." in words(shown(bench))
    assert bench.slack.of("views_open") == []


def test_rejecting_takes_it_off_the_list_for_good(bench, shop):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    press(bench, handle_reject, home(bench), ACTION_TRIPLET_REJECT)
    shop.up(answer_id, "U2")
    assert statuses(shop) == {"every 200 cups": "rejected"}
    assert "1 rejected" in words(home(bench))


def test_all_that_are_shown_are_approved_but_none_in_conflict(bench, shop):
    shop.up(shop.ask())
    shop.up(shop.ask("Blue?", span="A blue light", of=LAMPS))
    shop.up(shop.ask("Which filter?", span="filters", of=WATER), "U1")
    shop.up(shop.ask("Which filter?", span="A red light", of=LAMPS), "U2")
    view = home(bench)
    assert "Approve all 2 shown" in words(view)
    press(bench, handle_approve, view, ACTION_TRIPLETS_APPROVE)
    assert statuses(shop) == {
        "every 200 cups": "approved",
        "A blue light": "approved",
        "filters": "pending",
        "A red light": "pending",
    }


def test_conflicting_answers_stand_together_and_picking_one_rejects_the_others(bench, shop):
    shop.up(shop.ask("Which filter?", span="filters", of=WATER), "U1")
    shop.up(shop.ask(), "U1")
    for person in ("U2", "U3"):
        shop.up(shop.ask("Which filter?", span="A red light", of=LAMPS), person)
    view = home(bench)
    assert (
        "⚠️ *Which filter?*\nThese answers cannot all be right. Pick the right one; the others are rejected "
        "with that.\n*A red light* means that the tank is empty. A blue light means that it heats up.\n"
    ) in words(view)
    assert len(values(view, ACTION_TRIPLET_PICK)) == 2
    press(bench, handle_pick, view, ACTION_TRIPLET_PICK, number=1)
    assert statuses(shop) == {"filters": "approved", "A red light": "rejected", "every 200 cups": "pending"}


def test_an_answer_approved_before_stands_beside_the_one_that_contradicts_it(bench, shop):
    shop.up(shop.ask("Which filter?", span="filters", of=WATER), "U1")
    press(bench, handle_approve, home(bench), ACTION_TRIPLET_APPROVE)
    shop.up(shop.ask("Which filter?", span="A red light", of=LAMPS), "U2")
    view = home(bench)
    assert "_Approved before:_ Change the water filter every two months. Order *filters* from" in words(view)
    press(bench, handle_pick, view, ACTION_TRIPLET_PICK)
    assert statuses(shop) == {"filters": "rejected", "A red light": "approved"}


def with_many_approved(shop, n):
    """One question with so many approved answers, and one that waits and contradicts them."""
    for number in range(n):
        of = passage(f"Press {number} times.", f"Heading {number}")
        shop.passages = (*shop.passages, of)
        shop.up(shop.ask("How often?", f"Press {number} times.", of), f"U{number}")
    for triplet in shop.triplets():
        shop.open().decide(triplet.id, "approved")
    shop.up(shop.ask("How often?", "every two months", WATER), "U1000")


def test_one_of_many_approved_answers_is_replaced_by_the_one_that_contradicts_them(bench, shop):
    with_many_approved(shop, 70)
    bench.engine.passages = shop.passages
    view = home(bench)
    assert "the others are rejected with that. 68 more answers approved before are not shown." in words(view)
    press(bench, handle_pick, view, ACTION_TRIPLET_PICK)
    assert [answer for answer, status in statuses(shop).items() if status == "approved"] == [
        "every two months"
    ]


def test_nothing_is_picked_where_other_answers_are_approved_than_when_the_page_was_opened(bench, shop):
    with_many_approved(shop, 4)
    bench.engine.passages = shop.passages
    view = home(bench)
    shop.open().decide(next(t.id for t in shop.triplets() if t.answer == "Press 3 times."), "rejected")
    press(bench, handle_pick, view, ACTION_TRIPLET_PICK)
    assert "other answers to its question are approved than when you opened this page" in told(bench)
    press(bench, handle_pick, shown(bench), ACTION_TRIPLET_PICK)
    assert statuses(shop)["every two months"] == "approved"


def test_a_tie_is_no_choice_and_says_why_it_waits(bench, shop):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.down(answer_id, "U2")
    view = home(bench)
    assert "⚠️ as many people find it wrong as right" in words(view)
    assert (len(values(view, ACTION_TRIPLET_APPROVE)), values(view, ACTION_TRIPLET_PICK)) == (1, [])


def test_where_all_are_approved_by_setting_only_conflicts_are_listed(bench, shop):
    rules = Rules(approve_all=True)
    settings = replace(bench.services.settings, training=TrainingSettings(rules=rules))
    bench.services = replace(bench.services, settings=settings)
    shop.up(shop.ask())
    shop.up(shop.ask("Which filter?", span="filters", of=WATER), "U1")
    shop.up(shop.ask("Which filter?", span="A red light", of=LAMPS), "U2")
    view = words(home(bench))
    assert "Everything else is approved by itself." in view
    assert "*How often must I descale?*" not in view
    assert "⚠️ *Which filter?*" in view


def test_who_is_no_administrator_any_more_is_refused_and_sees_the_list_no_longer(bench, shop):
    bench.slack.answers["users_info"] = {"user": {"id": ERIC, "is_admin": True}}
    shop.up(shop.ask())
    view = home(bench, ERIC)
    bench.slack.answers["users_info"] = {"user": {"id": ERIC, "is_admin": False}}
    for handle, action_id in (
        (handle_approve, ACTION_TRIPLET_APPROVE),
        (handle_reject, ACTION_TRIPLET_REJECT),
        (handle_edit, ACTION_TRIPLET_EDIT),
    ):
        press(bench, handle, view, action_id, person=ERIC)
        assert told(bench).startswith("Sorry, only administrators may ask me to decide what I learn from.")
        assert "How often must I descale?" not in words(shown(bench))
    assert statuses(shop) == {"every 200 cups": "pending"}


def test_of_two_administrators_the_second_is_told_what_the_first_decided(bench, shop):
    shop.up(shop.ask())
    view = home(bench)
    press(bench, handle_approve, view, ACTION_TRIPLET_APPROVE)
    press(bench, handle_reject, view, ACTION_TRIPLET_REJECT)
    assert told(bench) == "I could not do that: it has been approved meanwhile; I left it so."
    assert statuses(shop) == {"every 200 cups": "approved"}
    press(bench, handle_edit, view, ACTION_TRIPLET_EDIT)
    assert told(bench) == "I could not do that: it has been approved meanwhile; I left it so."


def test_a_press_that_comes_twice_does_no_more_than_once(bench, shop):
    shop.up(shop.ask())
    view = home(bench)
    press(bench, handle_approve, view, ACTION_TRIPLET_APPROVE)
    press(bench, handle_approve, view, ACTION_TRIPLET_APPROVE)
    assert statuses(shop) == {"every 200 cups": "approved"}
    assert bench.slack.of("views_open") == []


def test_a_triplet_whose_vote_was_taken_back_is_told_to_be_gone(bench, shop):
    answer_id = shop.ask()
    shop.up(answer_id)
    shop.up(shop.ask("Blue?", span="A blue light", of=LAMPS))
    view = home(bench)
    shop.take_back(answer_id)
    press(bench, handle_approve, view, ACTION_TRIPLETS_APPROVE)
    assert told(bench) == (
        "1 of 2 were not decided:\n• 1: it is gone: its vote was taken back, or somebody put it in another "
        "passage, meanwhile"
    )
    assert statuses(shop) == {"A blue light": "approved"}


def test_where_it_is_too_late_for_a_modal_they_are_told_in_direct_messages(bench, shop):
    shop.up(shop.ask())
    view = home(bench)
    press(bench, handle_approve, view, ACTION_TRIPLET_APPROVE)
    bench.slack.answers["views_open"] = "expired_trigger_id"
    press(bench, handle_reject, view, ACTION_TRIPLET_REJECT)
    message = bench.slack.one("chat_postMessage")
    assert (message["channel"], message["text"]) == (
        ADMIN,
        "I could not do that: it has been approved meanwhile; I left it so.",
    )


def form(bench, view, number=0):
    press(bench, handle_edit, view, ACTION_TRIPLET_EDIT, number=number)
    opened = bench.slack.of("views_open")[-1]["view"]
    check_view(opened)
    return opened


def filled(opened, **changes):
    """What is submitted when a form is filled in: all that it begins with, but what is changed."""
    state = {}
    for block in opened["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            started = {"value": element.get("initial_value")}
            if element["type"] in ("checkboxes", "multi_static_select"):
                started = {"selected_options": element.get("initial_options") or []}
            state[block["block_id"]] = started
    return submission_body(opened, state | changes, ADMIN)


def test_a_form_that_comes_while_the_models_are_loaded_is_given_back_at_once(bench):
    loading = Engines(lambda: pytest.fail("waits for the models"), lambda: 1)
    services = replace(bench.services, engines=loading)
    answer = check_amendment(services, {"view": {"private_metadata": "{}"}})
    assert answer["response_action"] == "errors"
    assert "Save it again in a minute" in str(answer["errors"])


def save(bench, body):
    """What Slack is answered: what is wrong, or None; then it is saved."""
    answer = check_amendment(bench.services, body)
    if answer is None:
        handle_amendment(bench.services, bench.task(body))
    return answer


def option(value):
    return {"selected_options": [{"value": value}]}


def test_the_form_begins_with_what_is_known(bench, shop):
    shop.up(shop.ask())
    opened = form(bench, home(bench))
    by_id = {block["block_id"]: block["element"] for block in opened["blocks"] if block["type"] == "input"}
    assert by_id["question"]["initial_value"] == "How often must I descale?"
    assert by_id["answer"]["initial_value"] == "every 200 cups"
    assert [each["value"] for each in by_id["span"]["options"]] == ["0:35", "36:57", "58:76"]
    assert "initial_options" not in by_id["nothing"]
    assert "Descale the machine *every 200 cups*. Empty" in words(opened)


def test_another_sentence_is_picked_and_the_triplet_approved_so(bench, shop):
    shop.up(shop.ask())
    body = filled(form(bench, home(bench)), span=option("36:57"))
    assert save(bench, body) is None
    assert (shop.only().answer, shop.only().status, shop.only().edited) == (
        "Empty the tank first.",
        "approved",
        True,
    )
    assert "Nothing waits for you." in words(shown(bench))


def test_words_and_question_are_changed(bench, shop):
    shop.up(shop.ask())
    body = filled(
        form(bench, home(bench)),
        question={"value": "How often, asks jo@example.com?"},
        answer={"value": "Put in one tablet."},
    )
    assert save(bench, body) is None
    assert (shop.only().question, shop.only().answer) == ("How often, asks [email]?", "Put in one tablet.")


def test_the_manuals_do_not_say_is_ticked_and_taken_back(bench, shop):
    shop.up(shop.ask())
    body = filled(form(bench, home(bench)), nothing=option("unanswerable"))
    assert save(bench, body) is None
    assert (shop.only().kind, shop.only().status) == ("unanswerable", "approved")


def test_an_unanswerable_one_is_ticked_from_the_start_and_needs_words_when_it_is_not(bench, shop):
    shop.up(shop.ask(span=None))
    opened = form(bench, home(bench))
    unticked = filled(opened, nothing={"selected_options": []})
    assert save(bench, unticked)["errors"] == {
        "answer": "Give the right words of a manual, or tick that the manuals don't say."
    }
    assert save(bench, filled(opened, question={"value": "Tea?"})) is None
    assert (shop.only().question, shop.only().kind) == ("Tea?", "unanswerable")


@pytest.mark.parametrize(
    ("changes", "block_id", "reason"),
    [
        ({"answer": {"value": "no such words"}}, "answer", "'no such words' stands in no manual."),
        ({"answer": {"value": None}}, "answer", "Give the right words of a manual"),
        ({}, "question", "Nothing is changed"),
        ({"span": option("0:35"), "nothing": option("unanswerable")}, "span", "Say one thing only"),
        ({"span": option("0:35"), "answer": {"value": "filters"}}, "answer", "Say one thing only"),
        ({"span": option("70:999")}, "span", "This is not a sentence of the passage."),
        ({"span": option("first:9")}, "span", "This is not a sentence of the passage."),
    ],
)
def test_what_cannot_be_saved_is_told_beside_its_field(bench, shop, changes, block_id, reason):
    shop.up(shop.ask())
    answer = save(bench, filled(form(bench, home(bench)), **changes))
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [block_id]
    assert answer["errors"][block_id].startswith(reason)
    assert shop.only().status == "pending"


def test_a_form_about_what_is_gone_or_decided_meanwhile_changes_nothing(bench, shop):
    answer_id = shop.ask()
    shop.up(answer_id)
    view = home(bench)
    body = filled(form(bench, view), answer={"value": "Put in one tablet."})
    press(bench, handle_reject, view, ACTION_TRIPLET_REJECT)
    assert save(bench, body) is None
    assert told(bench) == "I could not do that: it has been rejected meanwhile; I left it so."
    shop.take_back(answer_id)
    assert save(bench, body) is None
    assert told(bench).startswith("I could not do that: it is gone:")
    assert shop.triplets() == ()


def test_many_are_on_pages_and_deciding_stays_on_the_page(bench, shop):
    for n in range(25):
        shop.up(shop.ask(f"Question {n}?"), f"U{n}")
    first = home(bench)
    assert "1 to 10 of 25" in words(first)
    press(bench, handle_page, first, ACTION_TRIAGE_NEXT)
    second = shown(bench)
    assert "11 to 20 of 25" in words(second)
    assert len(values(second, "triage_previous")) == 1
    press(bench, handle_approve, second, ACTION_TRIPLETS_APPROVE)
    assert "11 to 15 of 15" in words(shown(bench))
    press(bench, handle_approve, shown(bench), ACTION_TRIPLETS_APPROVE)
    last = shown(bench)
    assert len(values(last, ACTION_TRIPLET_APPROVE)) == 10
    assert values(last, ACTION_TRIAGE_NEXT) == []


def test_pages_are_made_by_the_blocks_that_cases_take(shop):
    for n in range(8):
        of = passage(f"Press {n} times.", f"Heading {n}")
        shop.passages = (*shop.passages, of)
        shop.up(shop.ask("How often?", f"Press {n} times.", of), f"U{n}")
        if n < 3:
            shop.open().decide(next(t.id for t in shop.triplets() if t.status == "pending"), "approved")
    shop.up(shop.ask())
    choice, plain = cases_of(shop.triplets())
    assert (len(choice.candidates), len(choice.approved)) == (5, 3)
    assert (blocks_of(choice), blocks_of(plain)) == (20, 3)
    assert (len(case_blocks(choice)), len(case_blocks(plain))) == (20, 3)
    assert [len(page) for page in pages_of([choice, plain, plain, plain, plain, choice])] == [4, 2]


def test_the_fullest_home_keeps_slacks_limits(bench, tmp_path):
    said = [f"Press * <b> & wait {n} minutes." for n in range(12)]
    texts_of = [
        passage(f"{'<&> ' * 400}{each} {'&&&& ' * 800}", f"{'<H&>' * 60}{each}", f"{'<&' * 60}.md")
        for each in said
    ]
    shop = Shop(tmp_path, passages=tuple(texts_of))
    bench.engine.passages = shop.passages
    for n, of in enumerate(texts_of):
        shop.up(shop.ask("Which " + "<&*_> " * 900, span=said[n], of=of), f"U{n}")
        shop.up(shop.ask(f"{n}? " + "<&*_> " * 900, span=of.text[:5_000], of=of), f"U{n}")
    view = home(bench)
    assert "6 more answers will show when you have rejected some." in words(view)
    assert len(json.dumps(view)) < 250_000
    opened = form(bench, view)
    assert len(opened["private_metadata"]) < 3_000
    shop.store.close()


def test_a_job_under_way_is_shown_in_place_of_the_button(bench):
    jobs = bench.services.launcher.jobs
    job = jobs.claim(Request())
    owner = jobs.run(job.id)
    jobs.tell(job.id, owner, Progress("Training the reader", 0.42, 1.25, 180.0))
    view = home(bench)
    assert values(view, ACTION_RETRAIN) == []
    assert (
        "*Job 1 is under way:* `████████░░░░░░░░░░░░` 42%, Training the reader, loss 1.250, 3 min left"
    ) in words(view)
    jobs.end(job.id, owner, Ending("kept", "r2 is <not> better."))
    view = home(bench)
    assert "*Last retraining:* job 1 made no release that takes over, <!date^" in words(view)
    assert "\nr2 is &lt;not&gt; better." in words(view)
    assert len(values(view, ACTION_RETRAIN)) == 1


def test_a_home_without_new_facts_derives_no_triplet_again(bench, shop, monkeypatch):
    derived = []
    derive = triplet_store.derive
    monkeypatch.setattr(triplet_store, "derive", lambda *told: derived.append(told) or derive(*told))
    with shop.store.transaction():
        for n in range(300):
            shop.up(shop.ask(f"Question {n}?"), f"U{n}")
    home(bench)
    assert derived
    derived.clear()
    home(bench)
    assert derived == []
    assert "1 to 10 of 300" in words(shown(bench))
