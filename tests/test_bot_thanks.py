"""When a retraining has ended: who voted is told once, and administrators hear of what nobody began."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_bot import TEXT, answer, hit
from fakes_retraining import KEPT, PROMOTED, Retraining, Wall, open_retraining, report
from fakes_slack import ADMIN, CHANNEL, ERIC, FakeWebClient
from slack_limits import check_message
from test_bot_posting import refusal

from bot.deliveries import Delivery, Lane, Task
from bot.inbox import Inbox
from bot.learning.endings import MAX_AGE_S, Endings
from bot.learning.thanks import Thanked, Thanks, supporters
from bot.owners import Owner
from bot.questions.posts import Post
from bot.slack.pacing import Pacer
from bot.slack.posting import Poster
from bot.views.thanks import MOST_NAMED, thanks_message
from training.feedback.triplet import Rules
from training.feedback.triplet_facts import read_facts
from training.feedback.triplet_store import Triplets
from training.retraining.job_report import Learned, learned_from
from training.retraining.jobs import Ending, Job, Request
from training.votes import Correction, Signal

APPROVING = Rules(approve_all=True)
ANNA, BERT = "UANNA", "UBERT"
BROUGHT = (
    "Release r2 was promoted; on 40 questions that were kept back to measure it scores 75.0%, "
    "where r1 scored 62.5%."
)


class Floor:
    """People ask, vote and correct; then a release is made of it."""

    def __init__(self, retraining: Retraining) -> None:
        self.retraining = retraining
        self.services = retraining.bench.services
        self._numbers = itertools.count(1)

    def ask(
        self,
        channel: str | None = CHANNEL,
        asked_by: str = ERIC,
        question: str = "How <often>?",
        team: str | None = None,
    ) -> str:
        """An answer in a thread of its own; returns its id. None: shown to one person alone."""
        answer_id = self.services.answers.add(answer(question=question), asked_by)
        number = next(self._numbers)
        if channel is not None:
            self.services.posts.add(Post(channel, f"{number}.2", answer_id, f"{number}.1", team))
        return answer_id

    def vote(self, answer_id: str, person: str, value: int = 1, at: float | None = None) -> Signal:
        at = time.time() - 60 if at is None else at
        signal = Signal(f"e{next(self._numbers)}", answer_id, person, "button", value, at)
        self.services.votes.add_signal(signal)
        return signal

    def take_back(self, signal: Signal, after_s: float = 1.0) -> None:
        taken = replace(signal, at=signal.at + after_s)
        self.services.votes.remove_signal(f"e{next(self._numbers)}", taken)

    def correct(self, answer_id: str, person: str, words: str | None = None) -> None:
        """The right words; None: the manuals don't say."""
        event_id, at = f"e{next(self._numbers)}", time.time() - 50
        if words is None:
            made = Correction(event_id, answer_id, person, "not_in_manuals", "r1", at)
        else:
            start, passage = TEXT.index(words), hit().passage
            made = Correction(
                event_id, answer_id, person, "span", "r1", at, passage.id, TEXT, start, start + len(words)
            )
        self.services.votes.correct(made)

    @property
    def triplets(self) -> Triplets:
        return Triplets(self.services.store, [hit().passage], APPROVING)

    def learned(self, *answer_ids: str) -> tuple[Learned, ...]:
        """What a job that trains on all that it may says of these answers in its report."""
        training = [triplet for triplet in self.triplets.list() if triplet.trainable]
        made = learned_from(training, read_facts(self.services.store), APPROVING, None)
        return tuple(each for each in made if each.answer_id in answer_ids)

    def learn(self, *answer_ids: str, ending: Ending = PROMOTED, cause: Any = "command", **more: Any) -> Job:
        """A release learns from these answers, and the bot notices."""
        job = self.retraining.begin(Request(cause))
        made = report(job.id, ending.state == "promoted", learned_from=self.learned(*answer_ids), **more)
        self.retraining.end(ending, made)
        self.notice()
        return job

    def promote(self, *answer_ids: str) -> None:
        """A release learns from these answers; nobody is told yet."""
        job = self.retraining.begin(Request())
        self.retraining.end(PROMOTED, report(job.id, learned_from=self.learned(*answer_ids)))
        Endings(self.services.launcher.jobs, self.services.inbox).look()

    def start_again(self) -> None:
        """The bot was killed, and another process takes up what it did."""
        with self.services.store.transaction() as db:
            db.execute("UPDATE inbox SET owner = NULL, lease_until = 0")
        self.notice()

    def notice(self) -> None:
        Endings(self.services.launcher.jobs, self.services.inbox).look()
        self.retraining.until_quiet()

    @property
    def told(self) -> list[tuple[str, str | None, str]]:
        return [(m["channel"], m["thread_ts"], m["text"]) for m in self.retraining.wall.messages]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_retraining(tmp_path) as opened:
        yield Floor(opened)


def test_who_voted_is_told_in_the_thread_of_the_answer(floor: Floor) -> None:
    answer_id = floor.ask()
    floor.vote(answer_id, ANNA)

    floor.learn(answer_id)

    said = f"Thank you, <@{ANNA}>: I have learned from what you said about this answer. {BROUGHT}"
    assert floor.told == [(CHANNEL, "1.1", said)]


def test_who_is_thanked_after_a_rollback_is_told_which_release_answers(floor: Floor) -> None:
    answer_id = floor.ask()
    floor.vote(answer_id, ANNA)
    floor.promote(answer_id)
    floor.retraining.chosen("r1")
    floor.notice()

    [(_, _, text)] = floor.told
    assert text.endswith(f"{BROUGHT} r1 has become current since.")


def test_several_answers_are_one_message_below_the_latest(floor: Floor) -> None:
    first, second, third = floor.ask(), floor.ask(), floor.ask()
    for at, answer_id in enumerate((first, third, second)):
        floor.vote(answer_id, ANNA, at=1000.0 + at)

    floor.learn(first, second, third)

    [(_, thread_ts, text)] = floor.told
    assert thread_ts == "2.1"
    assert "what you said about this answer and 2 others. " in text


def test_people_of_one_thread_are_told_in_one_message(floor: Floor) -> None:
    answer_id = floor.ask()
    for person in (ANNA, BERT, ERIC):
        floor.vote(answer_id, person)

    floor.learn(answer_id)

    [(_, _, text)] = floor.told
    assert text.startswith(f"Thank you, <@{ANNA}>, <@{BERT}> and <@{ERIC}>: I have learned")


def test_the_next_release_says_nothing_of_the_same_votes_and_only_once_of_new_ones(floor: Floor) -> None:
    old, new = floor.ask(), floor.ask()
    floor.vote(old, ANNA)
    floor.vote(old, BERT)
    floor.learn(old)
    floor.vote(new, BERT)
    floor.retraining.wall.messages.clear()

    floor.learn(old, new)
    floor.notice()

    [(_, thread_ts, text)] = floor.told
    assert (thread_ts, text.startswith(f"Thank you, <@{BERT}>: ")) == ("2.1", True)
    assert "and 1 other" not in text


@pytest.mark.parametrize(
    "ending", [KEPT, Ending("failed", "No memory."), Ending("cancelled", "It was cancelled.")]
)
def test_without_a_promotion_nobody_is_told(floor: Floor, ending: Ending) -> None:
    answer_id = floor.ask()
    floor.vote(answer_id, ANNA)

    floor.learn(answer_id, ending=ending)

    assert floor.told == []


def test_votes_that_were_taken_back_forgotten_or_given_later_are_not_thanked_for(floor: Floor) -> None:
    taken_back, forgotten, later, on_time = floor.ask(), floor.ask(), floor.ask(), floor.ask()
    floor.take_back(floor.vote(taken_back, ANNA))
    floor.vote(forgotten, BERT)
    floor.services.votes.forget(BERT)
    floor.vote(later, "ULATE", at=time.time() + 3600)
    floor.vote(on_time, ERIC)

    floor.learn(taken_back, forgotten, later, on_time)

    [(_, _, text)] = floor.told
    assert text.startswith(f"Thank you, <@{ERIC}>: ")


def test_who_votes_between_the_begin_and_the_freezing_of_the_data_is_thanked(floor: Floor) -> None:
    answer_id, begun_at = floor.ask(), time.time()
    floor.vote(answer_id, ANNA, at=begun_at + 30)
    floor.vote(answer_id, BERT, at=begun_at + 90)

    floor.learn(answer_id, votes_read_at=begun_at + 60)

    [(_, _, text)] = floor.told
    assert text.startswith(f"Thank you, <@{ANNA}>: ")


def test_who_takes_a_vote_back_or_is_forgotten_while_others_are_told_is_left_out(floor: Floor) -> None:
    first, second, third = floor.ask(), floor.ask(), floor.ask()
    floor.vote(first, ANNA)
    signal = floor.vote(second, BERT)
    floor.vote(third, ERIC)
    floor.promote(first, second, third)
    floor.retraining.work()
    assert [thread_ts for _, thread_ts, _ in floor.told] == ["1.1"]

    floor.take_back(signal)
    floor.retraining.command("forget-me", person=ERIC)
    floor.retraining.until_quiet()

    assert [thread_ts for _, thread_ts, _ in floor.told] == ["1.1"]


def speaking(floor: Floor, *learned: Learned) -> list[str]:
    facts = read_facts(floor.services.store)
    return sorted({opinion.person for opinion in supporters(facts, learned, time.time())})


def divided(floor: Floor) -> tuple[str, str, str]:
    """Answers that most found right, that most found wrong, and where opinions are even."""
    liked, disliked, tied = (floor.ask(question=question) for question in ("Which?", "What?", "When?"))
    for person, value in ((ANNA, 1), (BERT, 1), (ERIC, -1)):
        floor.vote(liked, person, value)
        floor.vote(disliked, person, -value)
    floor.vote(tied, ANNA)
    floor.vote(tied, BERT, -1)
    floor.correct(tied, BERT)
    return liked, disliked, tied


def test_the_minority_of_the_votes_was_not_learned_from(floor: Floor) -> None:
    liked, disliked, tied = divided(floor)

    assert speaking(floor, *floor.learned(liked)) == [ANNA, BERT]
    assert speaking(floor, *floor.learned(disliked)) == [ANNA, BERT]
    assert speaking(floor, *floor.learned(tied)) == [], "an admin must look at it first"


def test_a_report_of_an_earlier_version_names_answers_and_the_majority_is_thanked(floor: Floor) -> None:
    liked, disliked, tied = divided(floor)

    assert speaking(floor, Learned(liked)) == [ANNA, BERT]
    assert speaking(floor, Learned(disliked)) == [ANNA, BERT]
    assert speaking(floor, Learned(tied)) == [BERT], "who corrected it"


def test_of_two_corrections_the_one_that_the_admin_picked_is_thanked_for(floor: Floor) -> None:
    answer_id = floor.ask()
    floor.correct(answer_id, ANNA, "Put in one tablet.")
    floor.correct(answer_id, BERT)
    [triplet] = floor.triplets.list()
    assert floor.triplets.decide(triplet.id, "approved").answer == "Put in one tablet."

    floor.learn(answer_id)

    [(_, _, text)] = floor.told
    assert text.startswith(f"Thank you, <@{ANNA}>: I have learned from what you said about this answer.")


def test_a_correction_ends_with_its_thumbs_down(floor: Floor) -> None:
    answer_id = floor.ask()
    signal = floor.vote(answer_id, ANNA, -1)
    for person in (ANNA, BERT):
        floor.correct(answer_id, person, "Put in one tablet.")
    floor.take_back(signal, after_s=30.0)

    floor.learn(answer_id)

    [(_, _, text)] = floor.told
    assert text.startswith(f"Thank you, <@{BERT}>: I have learned from what you said about this answer.")


def test_who_has_changed_their_mind_about_the_same_answer_is_not_thanked(floor: Floor) -> None:
    first, again = floor.ask(), floor.ask()
    floor.vote(first, ANNA, at=1000.0)
    floor.vote(first, BERT, at=1001.0)
    floor.vote(first, ERIC, at=1002.0)
    floor.vote(again, BERT, -1, at=1003.0)

    assert speaking(floor, *floor.learned(first, again)) == [ANNA, ERIC]


def test_an_answer_shown_to_one_person_alone_is_thanked_for_in_direct_messages(floor: Floor) -> None:
    private, others = floor.ask(channel=None), floor.ask(channel="DERIC", asked_by=ERIC)
    floor.vote(private, ANNA)
    floor.vote(others, BERT)
    floor.vote(others, ERIC)

    floor.learn(private, others)

    said = f"I have learned from what you said about my answer to “How &lt;often&gt;?”. {BROUGHT}"
    assert [(channel, thread_ts) for channel, thread_ts, _ in floor.told] == [
        (f"D{ANNA}", None),
        (f"D{BERT}", None),
        ("DERIC", "2.1"),
    ]
    assert (f"D{ANNA}", None, f"Thank you, <@{ANNA}>: {said}") in floor.told


def test_where_the_bot_was_removed_from_the_channel_it_tells_each_in_direct_messages(floor: Floor) -> None:
    answer_id = floor.ask()
    floor.vote(answer_id, ANNA)
    floor.vote(answer_id, BERT)
    floor.retraining.wall.closed.add(CHANNEL)

    floor.learn(answer_id)

    assert [(channel, thread_ts) for channel, thread_ts, _ in floor.told] == [
        (f"D{ANNA}", None),
        (f"D{BERT}", None),
    ]


def test_who_is_forgotten_while_their_thread_refuses_the_message_stays_forgotten(floor: Floor) -> None:
    answer_id = floor.ask()
    floor.vote(answer_id, ANNA)

    def refusing(_: object) -> str:
        floor.services.votes.forget(ANNA)
        Thanks(floor.services.store).forget(ANNA)
        return "not_in_channel"

    floor.retraining.slack.answers["chat_postMessage"] = refusing
    floor.learn(answer_id)

    assert floor.services.store.rows("SELECT person FROM thanks") == []


def test_who_cannot_be_reached_at_all_keeps_no_other_from_being_told(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = floor.ask(channel=None), floor.ask()
    floor.vote(first, ANNA)
    floor.vote(second, BERT)
    floor.retraining.wall.closed.add(f"D{ANNA}")

    floor.learn(first, second)

    assert [channel for channel, _, _ in floor.told] == [CHANNEL]
    assert f"direct messages with {ANNA}" in caplog.text


def test_people_are_told_one_thread_after_the_other_and_not_all_at_once(floor: Floor) -> None:
    answer_ids = [floor.ask() for _ in range(3)]
    for answer_id, person in zip(answer_ids, (ANNA, BERT, ERIC), strict=True):
        floor.vote(answer_id, person)
    floor.promote(*answer_ids)

    floor.retraining.work()
    assert len(floor.told) == 1
    floor.retraining.later()
    assert len(floor.told) == 2


def test_whoever_is_told_next_costs_no_look_at_the_votes_of_years(floor: Floor) -> None:
    job = floor.retraining.begin(Request())
    learned = [floor.ask(question=f"How often {number}?") for number in range(200)]
    for number, answer_id in enumerate(learned):
        floor.vote(answer_id, f"U{number}", at=1000.0 + number)
    made = report(job.id, learned_from=floor.learned(*learned))
    task = Task(1, Delivery("job:1/thanks", "own:thank_voters", Lane.JOB, {}), 1, None, doubtful=False)
    thanks = Thanks(floor.services.store)

    planned = n_steps(floor, lambda: thanks.plan(job, made, task))
    followed = n_steps(floor, lambda: thanks.plan(job, made, task))

    assert 3 * followed < planned


def n_steps(floor: Floor, do: Callable[[], object]) -> int:
    """How many steps of SQLite's machine something takes."""
    steps: list[int] = []
    connection = floor.services.store.db.conn
    connection.set_progress_handler(lambda: steps.append(1), 10)
    do()
    connection.set_progress_handler(None, 0)
    return len(steps)


def test_who_takes_back_the_latest_vote_is_told_below_the_one_before(floor: Floor) -> None:
    first, second, third = floor.ask(), floor.ask(), floor.ask()
    floor.vote(first, ERIC)
    floor.vote(second, ANNA, at=1000.0)
    latest = floor.vote(third, ANNA, at=1001.0)
    floor.promote(first, second, third)
    floor.retraining.work()
    assert [thread_ts for _, thread_ts, _ in floor.told] == ["1.1"]

    floor.take_back(latest)
    floor.retraining.until_quiet()

    said = f"Thank you, <@{ANNA}>: I have learned from what you said about this answer. {BROUGHT}"
    assert floor.told[1:] == [(CHANNEL, "2.1", said)]


def test_what_was_taken_back_is_not_counted_among_the_others(floor: Floor) -> None:
    first, *more = [floor.ask() for _ in range(4)]
    floor.vote(first, ERIC)
    signals = [floor.vote(answer_id, ANNA, at=1000.0 + n) for n, answer_id in enumerate(more)]
    floor.promote(first, *more)
    floor.retraining.work()

    floor.take_back(signals[0])
    floor.retraining.until_quiet()

    [(_, thread_ts, text)] = floor.told[1:]
    assert thread_ts == "4.1"
    assert "what you said about this answer and 1 other. " in text


def test_who_takes_the_latest_vote_back_once_the_thread_is_closed_hears_of_the_one_before(
    floor: Floor,
) -> None:
    first, second = floor.ask(), floor.ask(channel="CCLOSED")
    floor.vote(first, ANNA, at=1000.0)
    latest = floor.vote(second, ANNA, at=1001.0)
    floor.retraining.wall.closed.add("CCLOSED")
    floor.promote(first, second)
    floor.retraining.work()
    assert floor.told == []

    floor.take_back(latest)
    floor.retraining.until_quiet()

    assert [(channel, thread_ts) for channel, thread_ts, _ in floor.told] == [(CHANNEL, "1.1")]


@contextmanager
def dying_at_a_post(floor: Floor, happened: bool) -> Iterator[None]:
    slack = floor.retraining.slack
    works = slack.answers["chat_postMessage"]

    def dying(arguments: dict[str, Any]) -> Any:
        if happened:
            works(arguments)
        raise KeyboardInterrupt

    slack.answers["chat_postMessage"] = dying
    with pytest.raises(KeyboardInterrupt):
        yield
    slack.answers["chat_postMessage"] = works


@pytest.mark.parametrize("happened", [False, True], ids=["before the call", "after it"])
def test_who_may_have_been_told_before_the_bot_was_killed_is_told_nowhere_else(
    floor: Floor, happened: bool
) -> None:
    first, second, third = floor.ask(), floor.ask(), floor.ask()
    floor.vote(first, ANNA, at=1000.0)
    latest = floor.vote(second, ANNA, at=1001.0)
    floor.vote(third, BERT)
    with dying_at_a_post(floor, happened):
        floor.learn(first, second, third)

    floor.take_back(latest)
    floor.start_again()

    told = [(thread_ts, text[:19]) for _, thread_ts, text in floor.told]
    anna, bert = ("2.1", f"Thank you, <@{ANNA}>"[:19]), ("3.1", f"Thank you, <@{BERT}>"[:19])
    assert told == ([anna, bert] if happened else [bert])


@pytest.mark.parametrize("happened", [False, True], ids=["before the call", "after it"])
def test_a_bot_that_is_killed_while_it_tells_people_tells_nobody_twice(floor: Floor, happened: bool) -> None:
    first, second = floor.ask(), floor.ask()
    floor.vote(first, ANNA)
    floor.vote(second, BERT)
    with dying_at_a_post(floor, happened):
        floor.learn(first, second)
    floor.vote(second, ANNA)  # what is new changes nothing about who is told where
    floor.start_again()

    assert [(thread_ts, text[:19]) for _, thread_ts, text in floor.told] == [
        ("1.1", f"Thank you, <@{ANNA}>"[:19]),
        ("2.1", f"Thank you, <@{BERT}>"[:19]),
    ]


def out_of_reach(_: object) -> Any:
    raise refusal(503, "oops")


@pytest.mark.parametrize("broken", [out_of_reach, "invalid_auth"])
def test_while_slack_is_out_of_reach_or_takes_no_token_they_wait(floor: Floor, broken: Any) -> None:
    answer_id = floor.ask()
    floor.vote(answer_id, ANNA)
    slack = floor.retraining.slack
    works = slack.answers["chat_postMessage"]
    slack.answers["chat_postMessage"] = broken
    floor.promote(answer_id)
    for _ in range(6):
        floor.retraining.later()
    assert floor.told == []
    slack.answers["chat_postMessage"] = works
    floor.retraining.until_quiet()

    assert [thread_ts for _, thread_ts, _ in floor.told] == ["1.1"]


def test_so_many_people_that_not_all_can_be_named_keep_within_slacks_limits() -> None:
    people = [Thanked(1, f"U{n:010}", "a", 1, "C1", "1.1") for n in range(MOST_NAMED + 7)]
    message = thanks_message("r2", report(), people, "r2")

    check_message({"text": message.text, "blocks": list(message.blocks)})
    assert f"<@U{MOST_NAMED - 1:010}> and 7 others: I have learned" in message.text


# Who is told of what nobody began


@pytest.mark.parametrize("cause", ["schedule", "triplets"])
def test_administrators_get_the_report_of_what_began_by_itself(floor: Floor, cause: Any) -> None:
    floor.learn(cause=cause)

    verdict, figures, pictures, answers = floor.retraining.wall.messages
    assert {m["channel"] for m in (verdict, figures, pictures, answers)} == {f"D{ADMIN}"}
    assert verdict["text"].startswith("✅ *Job 1 has made a better release.*")
    assert {m["thread_ts"] for m in (figures, pictures, answers)} == {verdict["ts"]}
    assert verdict.get("n_edits") is None, "there was no progress to tell"


def test_a_scheduled_retraining_that_failed_is_told_too(floor: Floor) -> None:
    floor.learn(cause="schedule", ending=Ending("failed", "No memory."))

    [(channel, _, text)] = floor.told
    assert (channel, text.split("\n")[1]) == (f"D{ADMIN}", "No memory.")


def test_without_named_administrators_the_workspaces_are_told(floor: Floor) -> None:
    services = floor.services
    floor.retraining.bench.services = replace(services, settings=replace(services.settings, admins=()))
    pages = {
        None: (
            [{"id": "U1"}, {"id": "U2", "is_admin": True}, {"id": "U3", "is_owner": True, "deleted": True}],
            "next",
        ),
        "next": ([{"id": "U4", "is_owner": True}, {"id": "U5", "is_admin": True, "is_bot": True}], ""),
    }

    def users(arguments: dict[str, Any]) -> dict[str, Any]:
        members, cursor = pages[arguments["cursor"]]
        return {"members": members, "response_metadata": {"next_cursor": cursor}}

    floor.retraining.slack.answers["users_list"] = users
    floor.learn(cause="schedule", ending=Ending("failed", "No memory."))

    assert [channel for channel, _, _ in floor.told] == ["DU2", "DU4"]


def test_whoever_retrains_at_the_command_line_reads_the_report_there(floor: Floor) -> None:
    floor.learn()

    assert floor.told == []


def test_bots_that_share_a_database_record_an_end_once(floor: Floor) -> None:
    floor.learn(cause="schedule", ending=Ending("failed", "No memory."))
    for _ in range(2):
        floor.notice()

    assert len(floor.told) == 1


# Several workspaces on one home


def two_workspaces(floor: Floor) -> tuple[Floor, Floor]:
    """The bots of T1 and T2, each in a Slack of its own, on the same database."""
    floors = []
    for team in ("T1", "T2"):
        bench, wall = floor.retraining.bench, Wall()
        slack: Any = FakeWebClient(wall.answers())
        inbox = Inbox(bench.services.store, Owner(host=team, pid=1), workspace=team)
        services = replace(
            bench.services,
            inbox=inbox,
            client=slack,
            poster=Poster(slack, inbox, Pacer(interval_s=0.0)),
            identity=replace(bench.services.identity, team_id=team),
        )
        there = replace(bench, services=services, slack=slack)
        opened = Floor(replace(floor.retraining, bench=there, wall=wall))
        opened._numbers = floor._numbers
        floors.append(opened)
    return floors[0], floors[1]


def test_administrators_of_each_workspace_get_the_report_of_what_began_by_itself(floor: Floor) -> None:
    here, there = two_workspaces(floor)
    here.learn(cause="schedule", ending=Ending("failed", "No memory."))
    for _ in range(2):
        there.notice()
        here.notice()

    assert [channel for channel, _, _ in here.told] == [f"D{ADMIN}"]
    assert [channel for channel, _, _ in there.told] == [f"D{ADMIN}"]


def test_each_workspace_thanks_its_own_people(floor: Floor) -> None:
    here, there = two_workspaces(floor)
    own, others = here.ask("CHERE", team="T1"), there.ask("CTHERE", team="T2", question="How long?")
    here.vote(own, ANNA)
    there.vote(others, BERT)
    for each in (here, there):
        each.services.inbox.record(Delivery(f"Ev{each}", "test", Lane.HOME, {}))

    here.learn(own, others)
    for _ in range(2):
        there.notice()
        here.notice()

    for each, channel, person in ((here, "CHERE", ANNA), (there, "CTHERE", BERT)):
        [(told_in, _, text)] = each.told
        assert (told_in, text.split(":")[0]) == (channel, f"Thank you, <@{person}>")


def test_what_ended_long_ago_is_news_to_nobody(floor: Floor) -> None:
    job = floor.retraining.begin(Request("schedule"))
    floor.retraining.end(Ending("failed", "No memory."))
    long_after = datetime.now(UTC).timestamp() + MAX_AGE_S + 1
    Endings(floor.services.launcher.jobs, floor.services.inbox, now=lambda: long_after).look()

    assert floor.services.inbox.n_waiting() == 0
    assert floor.services.launcher.jobs.get(job.id).ended
    soon = datetime.now(UTC) + timedelta(seconds=1)
    Endings(floor.services.launcher.jobs, floor.services.inbox, now=soon.timestamp).look()
    assert floor.services.inbox.n_waiting() == 1


def test_a_bot_at_work_notices_an_end_by_itself(floor: Floor) -> None:
    endings = Endings(floor.services.launcher.jobs, floor.services.inbox)
    floor.retraining.begin(Request("schedule"))
    floor.retraining.end(Ending("failed", "No memory."))

    thread = endings.begin()
    ends = time.monotonic() + 20
    while not floor.services.inbox.n_waiting() and time.monotonic() < ends:
        time.sleep(0.01)
    endings.stop()
    thread.join(20)

    assert not thread.is_alive()
    assert floor.services.inbox.n_waiting() == 1
