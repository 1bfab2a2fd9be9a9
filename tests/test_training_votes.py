import threading
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.errors import DataError
from qa_core.store import Store
from training.migrations import TRAINING
from training.votes import Correction, Signal, Tally, Votes

PASSAGE = "Empty the tank. Put in one tablet."


@pytest.fixture
def votes(tmp_path):
    store = Store(tmp_path / "manualbot.db", (TRAINING,))
    yield Votes(store)
    store.close()


def signal(value=1, at=1.0, key="reaction:+1", *, person="U1", event_id=None, answer_id="a1"):
    return Signal(event_id or f"Ev-{person}-{key}-{value}-{at}", answer_id, person, key, value, at)


def correction(event_id="V1", person="U1", at=1.0, start=16, end=34):
    return Correction(event_id, "a1", person, "span", "r1", at, "p1", PASSAGE, start, end)


def value_of(votes, person="U1"):
    vote = votes.vote_of("a1", person)
    return None if vote is None else vote.value


def test_a_signal_is_a_vote(votes):
    assert votes.add_signal(signal(at=12.5))
    assert votes.vote_of("a1", "U1").value == 1
    assert votes.vote_of("a1", "U1").at == 12.5
    assert votes.vote_of("a1", "U2") is None


def test_a_delivery_that_comes_again_changes_nothing(votes):
    assert votes.add_signal(signal(at=1))
    votes.remove_signal("Ev-removed", signal(at=2))

    assert not votes.add_signal(signal(at=1))
    assert not votes.remove_signal("Ev-removed", signal(at=2))
    assert value_of(votes) is None


def test_the_same_happening_under_another_event_id_changes_nothing(votes):
    assert votes.add_signal(signal(at=1, event_id="Ev1"))
    assert not votes.add_signal(signal(at=1, event_id="Ev2"))


def test_the_latest_signal_is_the_vote(votes):
    votes.add_signal(signal(1, at=1, key="button"))
    votes.add_signal(signal(-1, at=2, key="reaction:-1"))
    assert value_of(votes) == -1


def test_taking_a_reaction_back_falls_back_to_what_was_there_before(votes):
    votes.add_signal(signal(-1, at=1, key="button"))
    votes.add_signal(signal(1, at=2, key="reaction:+1"))
    assert value_of(votes) == 1

    votes.remove_signal("Ev-removed", signal(1, at=3, key="reaction:+1"))
    assert value_of(votes) == -1


def test_taking_an_older_reaction_back_leaves_the_newer_one(votes):
    votes.add_signal(signal(-1, at=1, key="reaction:-1"))
    votes.add_signal(signal(1, at=2, key="reaction:+1"))
    votes.remove_signal("Ev-removed", signal(-1, at=3, key="reaction:-1"))
    assert value_of(votes) == 1


def test_a_removal_that_arrives_before_its_reaction_still_removes_it(votes):
    votes.remove_signal("Ev-removed", signal(1, at=2))
    votes.add_signal(signal(1, at=1))
    assert value_of(votes) is None


def test_a_reaction_given_again_after_its_removal_counts(votes):
    votes.add_signal(signal(1, at=1))
    votes.remove_signal("Ev-removed", signal(1, at=2))
    votes.add_signal(signal(1, at=3))
    assert value_of(votes) == 1


def test_one_button_replaces_what_it_said_before(votes):
    votes.add_signal(signal(1, at=1, key="button"))
    votes.add_signal(signal(-1, at=2, key="button"))
    assert value_of(votes) == -1
    assert votes.tally("a1") == Tally(up=0, down=1)


def test_votes_count_once_per_person_and_answer(votes):
    votes.add_signal(signal(1, at=1, key="button", person="U1"))
    votes.add_signal(signal(1, at=2, key="reaction:+1", person="U1"))
    votes.add_signal(signal(1, at=3, person="U2"))
    votes.add_signal(signal(-1, at=4, person="U3"))
    votes.add_signal(signal(1, at=5, person="U1", answer_id="a2"))
    assert votes.tally("a1") == Tally(up=2, down=1)
    assert votes.tally("a2") == Tally(up=1, down=0)
    assert [(vote.person, vote.value) for vote in votes.since(3)] == [("U2", 1), ("U3", -1), ("U1", 1)]


def test_the_votes_of_today_cost_a_fraction_of_those_of_years(votes):
    for number in range(1_000):
        votes.add_signal(signal(at=float(number), answer_id=f"a{number}"))

    today, all_of_them = n_steps(votes, 990.0), n_steps(votes, 0.0)

    assert 5 * today < all_of_them


def n_steps(votes, since):
    """How many steps of SQLite's machine it takes to read the votes."""
    steps = []
    connection = votes._store.db.conn
    connection.set_progress_handler(lambda: steps.append(1), 10)
    votes.since(since)
    connection.set_progress_handler(None, 0)
    return len(steps)


happenings = st.lists(
    st.tuples(st.sampled_from(["button", "reaction:+1", "reaction:-1"]), st.sampled_from([-1, 0, 1])),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def shared_votes(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("votes") / "manualbot.db", (TRAINING,))
    yield Votes(store)
    store.close()


@settings(deadline=None, max_examples=40)
@given(happened=happenings, order=st.randoms(use_true_random=False))
def test_the_order_and_number_of_deliveries_do_not_matter(shared_votes, happened, order):
    votes, answer_id = shared_votes, uuid.uuid4().hex
    deliveries = [(f"Ev{at}", key, value, float(at)) for at, (key, value) in enumerate(happened)]
    present = {}
    for at, (key, value) in enumerate(happened):
        present[key] = (at, value)
    expected = max((each for each in present.values() if each[1]), default=(0, None))[1]
    shuffled = deliveries * 2
    order.shuffle(shuffled)

    for event_id, key, value, at in shuffled:
        given_signal = signal(value or 1, at, key, event_id=answer_id + event_id, answer_id=answer_id)
        if value:
            votes.add_signal(given_signal)
        else:
            votes.remove_signal(given_signal.event_id, given_signal)

    vote = votes.vote_of(answer_id, "U1")
    assert (vote and vote.value) == expected


def test_threads_that_deliver_the_same_signals_store_each_once(votes):
    stored = []

    def deliver():
        stored.extend(votes.add_signal(signal(1, at=n, person=f"U{n}")) for n in range(20))

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored.count(True) == 20
    assert votes.tally("a1") == Tally(up=20, down=0)


def test_an_answer_keeps_its_number_as_an_example(votes):
    assert votes.example_number("a1") == 1
    assert votes.example_number("a2") == 2
    assert votes.example_number("a1") == 1


def test_a_correction_is_kept_whole_and_once(votes):
    assert votes.correct(correction())
    assert not votes.correct(correction())
    assert votes.corrections("a1") == (correction(),)
    assert votes.corrections("a1")[0].span_text == "Put in one tablet."
    assert votes.n_corrections(since=1.0) == 1
    assert votes.n_corrections(since=1.5) == 0


def test_a_persons_later_correction_takes_the_place_of_the_earlier(votes):
    votes.correct(correction("V2", at=2.0, start=0, end=15))
    votes.correct(correction("V1", at=1.0))
    votes.correct(correction("V3", person="U2", at=1.5))
    assert [(c.person, c.span_text) for c in votes.corrections("a1")] == [
        ("U2", "Put in one tablet."),
        ("U1", "Empty the tank."),
    ]


def test_the_manuals_do_not_say_is_a_correction_without_a_span(votes):
    nothing = Correction("V1", "a1", "U1", "not_in_manuals", "r1", 1.0)
    votes.correct(nothing)
    assert votes.corrections("a1") == (nothing,)
    assert nothing.span_text is None


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-1, 4), (0, 35), (None, 3)])
def test_a_correction_must_lie_in_its_passage(start, end):
    with pytest.raises(DataError, match="no span of its passage of 34 characters"):
        correction(start=start, end=end)


def test_a_correction_cannot_say_both():
    with pytest.raises(DataError, match="both a span and that there is none"):
        Correction("V1", "a1", "U1", "not_in_manuals", "r1", 1.0, "p1", PASSAGE, 0, 5)


def test_a_signal_of_another_value_is_refused(votes):
    with pytest.raises(DataError, match="must be 1 or -1"):
        votes.add_signal(signal(0))


def test_forgetting_a_person_deletes_their_votes_and_corrections_only(votes):
    votes.add_signal(signal(1, at=1, person="U1"))
    votes.add_signal(signal(1, at=2, person="U2"))
    votes.correct(correction(person="U1"))
    assert votes.forget("U1") == 2
    assert votes.tally("a1") == Tally(up=1, down=0)
    assert votes.corrections("a1") == ()
    assert votes.forget("U1") == 0
