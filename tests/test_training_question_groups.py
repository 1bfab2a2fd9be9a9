import itertools
import time

import numpy as np
import pytest
from fakes_votes import LAMPS, WATER, Shop
from hypothesis import given, settings
from hypothesis import strategies as st

from training.feedback.near_duplicates import near_any, near_duplicates
from training.feedback.question_groups import Asked, same_answers, take_sides
from training.feedback.triplet import Rules
from training.retraining.dataset import Nearness, frozen_dataset, held_out_questions, remember_as_trained


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("How do I descale the machine?", "Descaling my machine, how?", True),
        ("What does error E-4 mean?", "What does error E-5 mean?", False),
        ("How do I reset the remote?", "How do I reset the TV?", False),
        ("What is it?", "What is it", True),
    ],
)
def test_questions_with_mostly_the_same_words_are_near_duplicates(one, other, near):
    assert near_duplicates([one, other]) == ({(0, 1)} if near else set())


def test_questions_of_one_meaning_are_near_duplicates_where_vectors_are_given():
    vectors = np.array([[1.0, 0.0], [0.6, 0.8], [0.99, 0.141]], dtype=np.float32)
    questions = ["limescale removal", "colour of lamps", "descale"]
    assert near_duplicates(questions) == set()
    assert near_duplicates(questions, vectors) == {(0, 2)}


def test_questions_with_one_answer_belong_together():
    asked = [Asked("a", "?", "p", 0, 10), Asked("b", "?", "p", 20, 30), Asked("c", "?", "p", 5, 15)]
    asked += [Asked("d", "?", "q", 0, 10), Asked("e", "?", "p", None, None)]
    assert same_answers(asked) == {(0, 2)}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5), max_size=12))
def test_no_near_duplicate_is_overlooked(word_lists):
    names = {letter: f"{letter}word" for letter in "abcdefgh"}
    sets = [frozenset(words) for words in word_lists]
    pairs = near_duplicates([" ".join(names[word] for word in words) for words in word_lists])
    assert pairs == {
        (i, j)
        for i, j in itertools.combinations(range(len(sets)), 2)
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= 0.6
    }


spans = st.tuples(st.sampled_from("pq"), st.integers(0, 8), st.integers(1, 8))


@settings(deadline=None, max_examples=60)
@given(st.lists(spans, max_size=8))
def test_no_two_overlapping_answers_are_overlooked(places):
    asked = [Asked(f"k{n}", "?", p, start, start + size) for n, (p, start, size) in enumerate(places)]
    assert same_answers(asked) == {
        (i, j)
        for (i, one), (j, other) in itertools.combinations(enumerate(asked), 2)
        if one.passage_id == other.passage_id and one.start < other.end and other.start < one.end
    }


edges = st.sets(st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda p: p[0] < p[1]), max_size=12)


@settings(deadline=None, max_examples=100)
@given(edges, st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(0, 3))
def test_over_rounds_groups_never_straddle_and_nobody_changes_sides(pairs, rounds, seed):
    known, n = {}, 0
    for n_new in rounds:
        n = min(n + n_new, 15)
        asked = [Asked(f"k{i}", f"q{i}") for i in range(n)]
        current = {(i, j) for i, j in pairs if j < n}
        sides = take_sides(asked, current, known, 0.2, seed)
        for i, j in current:
            assert {sides.parts.get(f"k{i}"), sides.parts.get(f"k{j}")} != {"training", "held_out"}
        for key, part in sides.parts.items():
            assert known.get(key, part) == part
        held_before = {key for key, part in known.items() if part == "held_out"}
        assert held_before <= {key for key, part in sides.parts.items() if part == "held_out"}
        assert take_sides(asked, current, known, 0.2, seed) == sides
        known |= sides.parts


@settings(deadline=None, max_examples=100)
@given(st.sets(st.sampled_from(list(itertools.combinations(range(6), 2)))), st.integers(0, 5))
def test_nothing_is_on_a_side_that_is_near_what_was_ever_on_the_other(pairs, n_known):
    known = {f"k{i}": ("training", "held_out")[i % 2] for i in range(n_known)}
    parts = take_sides([Asked(f"k{i}", "?") for i in range(6)], pairs, known, 0.2, 0).parts
    for i, j in pairs | {(j, i) for i, j in pairs}:
        assert {parts.get(f"k{i}"), known.get(f"k{j}")} != {"training", "held_out"}


@pytest.mark.parametrize(
    ("near", "side"),
    [
        ([("own", "trained"), ("own", "new"), ("trained too", "new")], None),
        ([("trained", "held"), ("trained", "new"), ("held too", "new")], None),
        ([("own", "trained"), ("own", "new")], "held_out"),
    ],
)
def test_what_is_on_no_side_still_tells_the_side_of_what_is_near_it(near, side):
    known = {"trained": "training", "trained too": "training", "held": "held_out", "held too": "held_out"}
    known["own"] = "held_out"
    keys = [*known, "new"]
    pairs = [(keys.index(one), keys.index(other)) for one, other in near]
    assert take_sides([Asked(key, key) for key in keys], pairs, known, 0.5, 0).parts.get("new") == side


def test_a_question_near_both_sides_is_on_neither():
    asked = [Asked(key, key) for key in ("held", "bridge", "trained")]
    sides = take_sides(asked, {(0, 1), (1, 2)}, {"held": "held_out", "trained": "training"}, 0.5, 0)
    assert sides.parts == {"held": "held_out", "trained": "training"}
    assert sides.groups == {"held": "held", "trained": "trained"}


def test_about_the_share_is_held_out_and_other_seeds_draw_others():
    asked = [Asked(f"k{i}", f"q{i}") for i in range(100)]
    drawn = [
        {key for key, part in take_sides(asked, (), {}, 0.2, seed).parts.items() if part == "held_out"}
        for seed in (0, 1)
    ]
    assert [len(each) for each in drawn] == [20, 20]
    assert drawn[0] != drawn[1]


def test_what_nothing_can_be_measured_on_is_trained_on():
    asked = [Asked(f"k{i}", f"q{i}", testable=False) for i in range(5)]
    assert set(take_sides(asked, (), {}, 0.5, 0).parts.values()) == {"training"}


# The frozen data set, through the real store.

TOPICS = "kettle boiler grinder nozzle drawer handle screen socket hopper gasket".split()  # noqa: SIM905


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True))
    yield shop
    shop.store.close()


def freeze(shop, seed=0):
    return frozen_dataset(shop.store, shop.open(), seed, shop.rules)


def ask_apart(shop, topics):
    """Questions that share neither words nor an answer."""
    for topic in topics:
        shop.up(shop.ask(f"Why is the {topic}?", span=None, of=LAMPS))


def test_a_frozen_data_set_is_the_same_again_and_its_parts_share_no_group(shop):
    ask_apart(shop, TOPICS)
    first = freeze(shop)
    assert (len(first.training), len(first.held_out), first.n_left_out) == (8, 2, 0)
    assert freeze(shop) == first
    in_training = {first.groups[triplet.id] for triplet in first.training}
    assert in_training.isdisjoint(first.groups[triplet.id] for triplet in first.held_out)


def test_held_out_triplets_accumulate_and_are_never_trained_on(shop):
    ask_apart(shop, TOPICS[:5])
    first = freeze(shop)
    ask_apart(shop, TOPICS[5:])
    second = freeze(shop, seed=7)
    assert {t.id for t in first.held_out} < {t.id for t in second.held_out}
    assert {t.id for t in first.training} <= {t.id for t in second.training}
    assert first.digest != second.digest


def test_a_near_duplicate_of_a_held_out_question_is_held_out_too(shop):
    ask_apart(shop, TOPICS)
    held = freeze(shop).held_out[0]
    shop.up(
        shop.ask(held.question.replace("Why is the", "Please, why the") + "!", span=None, of=LAMPS), "U99"
    )
    again = freeze(shop)
    assert len(again.held_out) == 3
    assert len(again.training) == 8


def freeze_apart_from(shop, *questions):
    return frozen_dataset(shop.store, shop.open(), 0, shop.rules, Nearness(kept_apart=questions))


def test_what_asks_nearly_what_the_admins_own_file_asks_is_never_trained_on(shop):
    ask_apart(shop, TOPICS)
    questions = [f"Please, why the {topic}" for topic in TOPICS[:4]]
    first = freeze_apart_from(shop, *questions)
    assert {f"Why is the {topic}?" for topic in TOPICS[:4]} <= asked_of(first.held_out)
    assert len(first.training) + len(first.held_out) == len(TOPICS)
    assert freeze(shop) == first


def test_what_was_trained_on_before_the_admins_own_file_asked_it_is_on_no_side(shop):
    ask_apart(shop, TOPICS)
    [trained, *_] = freeze(shop).training
    shop.up(shop.ask(trained.question.replace("Why is the", "Please, why the"), span=None, of=LAMPS), "U99")
    second = freeze_apart_from(shop, trained.question)
    assert trained.question not in asked_of(second.training) | asked_of(second.held_out)
    assert (len(second.training), second.n_left_out) == (7, 2)
    assert trained.id in {t.id for t in freeze(shop).training}


def test_a_group_keeps_its_name_whoever_joins_it(shop):
    ask_apart(shop, TOPICS)
    first = freeze(shop)
    for topic in TOPICS:
        shop.up(shop.ask(f"Please, why the {topic}?!", span=None, of=LAMPS), "U99")
    second = freeze(shop)
    assert len(second.groups) == 2 * len(TOPICS)
    assert second.groups.items() > first.groups.items()
    assert freeze(shop) == second


@pytest.mark.parametrize("gone_at_once", [True, False])
def test_a_question_in_other_words_is_not_held_out_whose_answer_was_trained_on(tmp_path, gone_at_once):
    shop = Shop(tmp_path, Rules(approve_all=True, held_out_share=0.0))
    asked = "When do I descale?"
    right = shop.ask(asked)
    wrong = [shop.ask(asked, "two months", WATER), shop.ask(asked, "heats up", LAMPS)]
    shop.up(right)
    for each in wrong:
        shop.down(each)
    assert [t.kind for t in freeze(shop).training].count("answer") == 1
    shop.take_back(right)
    if gone_at_once:
        for each in wrong:
            shop.take_back(each)
    freeze(shop)
    shop.up(shop.ask("Wann entkalken?"), "U2")
    shop.rules = Rules(approve_all=True, held_out_share=0.9)
    last = freeze(shop)
    assert "Wann entkalken?" in asked_of(last.training)
    assert last.held_out == ()
    shop.store.close()


def test_the_answer_that_was_learned_counts_beside_the_one_in_its_place(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True, held_out_share=0.0))
    learned = shop.ask()
    shop.up(learned)
    freeze(shop)
    shop.take_back(learned)
    shop.up(shop.ask(span="two months", of=WATER))
    shop.up(shop.ask("Wann entkalken?"), "U2")
    shop.rules = Rules(approve_all=True, held_out_share=0.9)
    assert "Wann entkalken?" in asked_of(freeze(shop).training)
    shop.store.close()


def asked_of(triplets):
    return {each.question for each in triplets}


def cleaning(topic):
    return f"How often must I clean the {topic} {topic}{topic}?"


def test_a_question_that_is_gone_for_a_round_keeps_its_near_duplicates_on_its_side(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True, held_out_share=0.2))
    ids = {t: shop.ask(cleaning(t), span=None, of=LAMPS) for t in TOPICS}
    for each in ids.values():
        shop.up(each)
    first = frozen_dataset(shop.store, shop.open(), 0, shop.rules)
    for part in ("held_out", "training"):
        question = next(iter(getattr(first, part))).question
        topic = next(t for t in TOPICS if t in question.split())
        shop.take_back(ids[topic])
        near = question.replace("must I", "should I")
        shop.up(shop.ask(near, span=None, of=LAMPS), "U2")
        ask_apart(shop, [f"{part} {each}" for each in TOPICS])
        second = frozen_dataset(shop.store, shop.open(), 0, shop.rules)
        assert near in asked_of(getattr(second, part))
        shop.up(ids[topic])
        third = frozen_dataset(shop.store, shop.open(), 0, shop.rules)
        assert {near, question} <= asked_of(getattr(third, part))


def test_what_is_near_both_parts_is_neither_learned_nor_measured_and_changes_no_side():
    asked = [Asked("a", "?"), Asked("b", "?"), Asked("c", "?")]
    known = {"a": "training", "b": "held_out"}
    assert not take_sides(asked, [(0, 1), (1, 2), (0, 2)], known, 0.5, 0).parts
    assert take_sides(asked, [], known, 0.0, 0).parts == {**known, "c": "training"}


def test_what_was_rehearsed_is_never_held_out_and_what_was_held_out_stays_so(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True, held_out_share=0.9))
    rehearsed = [cleaning(topic) for topic in TOPICS[:3]]
    remember_as_trained(shop.store, [(each, None) for each in rehearsed])
    for topic in TOPICS:
        shop.up(shop.ask(cleaning(topic), span=None, of=LAMPS))
    frozen = frozen_dataset(shop.store, shop.open(), 0, shop.rules)
    assert asked_of(frozen.training) >= set(rehearsed)
    assert frozen.held_out
    held_out = {each.question for each in frozen.held_out}
    assert set(held_out_questions(shop.store)) == held_out
    remember_as_trained(shop.store, [(each, None) for each in held_out])
    again = frozen_dataset(shop.store, shop.open(), 0, shop.rules)
    assert asked_of(again.held_out) == held_out


def test_only_what_is_approved_and_in_no_conflict_is_in_a_data_set(tmp_path):
    shop = Shop(tmp_path)
    shop.up(shop.ask("Which filter?", of=WATER, span="filters"))
    shop.up(shop.ask())
    shop.open().decide(shop.triplets()[0].id, "approved")
    frozen = freeze(shop)
    assert [t.status for t in (*frozen.training, *frozen.held_out)] == ["approved"]
    shop.store.close()


def test_negatives_are_trained_on_but_nothing_is_measured_on_them(shop):
    shop.down(shop.ask())
    frozen = freeze(shop)
    assert [triplet.kind for triplet in frozen.training] == ["negative"]
    assert frozen.held_out == ()


def test_votes_that_change_nothing_do_not_change_the_digest(shop):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    before = freeze(shop).digest
    shop.up(answer_id, "U2")
    assert freeze(shop).digest == before


def test_what_asks_nearly_the_same_is_found_by_words_and_by_meaning():
    asked = ["How often do I descale it?", "When is it due?", "Which filter fits?", "What is it?"]
    vectors = np.eye(4, 3, dtype=np.float32)
    voted = ["how often descale it", "What interval?", "What is it"]
    voted_vectors = np.array([[0.0, 0.0, 1.0], [0.0, 0.9, 0.1], [0.0, 0.0, 0.0]], dtype=np.float32)
    assert near_any(asked, vectors, voted, voted_vectors) == (True, True, True, True)
    assert near_any(asked[1:3], vectors[1:3] * 0.5, voted, voted_vectors) == (False, False)
    assert near_any(asked, vectors, [], np.zeros((0, 3), np.float32)) == (False,) * 4


def test_the_near_duplicates_among_tens_of_thousands_of_questions_are_found_within_seconds():
    verbs, things = ["clean", "replace", "reset", "open", "charge"], ["filter", "pump", "door", "fuse"]
    named = itertools.cycle(itertools.product(verbs, things))
    asked = [
        f"How do I {verb} the {thing} number {n} of line {n % 400}?"
        for n, (verb, thing) in zip(range(12_000), named, strict=False)
    ]
    again = asked[0].replace("How do I", "Please tell me how to")
    began = time.process_time()
    pairs = near_duplicates([*asked, again])
    assert (0, len(asked)) in pairs
    assert time.process_time() - began < 6
