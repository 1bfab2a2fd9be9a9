"""Which votes make which triplets: one test for each rule, through the real store."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest
from fakes_votes import CARE, DESCALE, FILTER, LAMPS, WATER, Shop, passage
from hypothesis import given, settings
from hypothesis import strategies as st

from training.feedback.claims import Claim, Facts, Place, Shown, question_key
from training.feedback.gone_answers import forget_what_is_gone
from training.feedback.opinions import WEEK_S
from training.feedback.triage import Amendment, Triage
from training.feedback.triplet import Rules
from training.retraining.dataset import frozen_dataset
from training.retraining.jobs import Jobs, Request
from training.triplets import TIED, derive
from training.votes import Correction, Vote


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    shop.store.close()


def test_a_thumbs_up_makes_a_triplet_of_the_shown_span_in_its_passage(shop):
    answer_id = shop.ask(product="Meridio 300")
    shop.up(answer_id)
    triplet = shop.only()
    assert (triplet.question, triplet.context) == ("How often must I descale?", DESCALE)
    assert (triplet.answer, triplet.start, triplet.end) == ("every 200 cups", 20, 34)
    assert (triplet.kind, triplet.status, triplet.provenance) == ("answer", "pending", "vote")
    assert (triplet.passage_id, triplet.heading_path) == (CARE.id, ("Meridio", "Care"))
    assert (triplet.manual, triplet.manual_version, triplet.product) == ("meridio.md", "1.0", "Meridio 300")
    assert (triplet.shown, triplet.n_up, triplet.n_down) == (DESCALE, 1, 0)
    assert triplet.answer_ids == (answer_id,)
    assert triplet.conflict is None


def test_without_votes_there_are_no_triplets(shop):
    shop.ask()
    assert shop.triplets() == ()


def test_a_correction_makes_a_triplet_of_the_chosen_span(shop):
    answer_id = shop.ask(span="Empty the tank first.")
    shop.down(answer_id)
    shop.correct(answer_id, "Change the water filter every two months.", of=WATER)
    triplet = shop.only()
    assert (triplet.kind, triplet.provenance) == ("answer", "correction")
    assert (triplet.answer, triplet.context) == ("Change the water filter every two months.", FILTER)
    assert (triplet.passage_id, triplet.heading_path) == (WATER.id, ("Meridio", "Water"))
    assert triplet.shown is None


def test_a_pasted_text_may_reach_beyond_its_passage(tmp_path):
    part = passage("Empty the tank first.", section=DESCALE)
    shop = Shop(tmp_path, passages=(part,))
    answer_id = shop.ask()
    text = "Empty the tank first. Put in one tablet."
    shop.votes.correct(Correction("V1", answer_id, "U1", "pasted", "r1", 1.0, part.id, text, 0, len(text)))
    assert (shop.only().answer, shop.only().context, shop.only().status) == (text, text, "pending")
    shop.store.close()


def test_the_manuals_do_not_say_makes_an_unanswerable_example(shop):
    answer_id = shop.ask("Does it make tea?")
    shop.down(answer_id)
    shop.correct(answer_id, None)
    triplet = shop.only()
    assert (triplet.kind, triplet.start, triplet.end, triplet.answer) == ("unanswerable", None, None, None)
    assert (triplet.context, triplet.provenance) == (DESCALE, "correction")


def test_a_thumbs_up_for_declining_makes_an_unanswerable_example_too(shop):
    shop.up(shop.ask("Does it make tea?", span=None))
    assert (shop.only().kind, shop.only().provenance) == ("unanswerable", "vote")


def test_a_thumbs_up_for_asking_which_product_is_meant_says_nothing_of_the_manuals(shop):
    shop.up(shop.ask("What does E02 mean?", span=None, also=("Borix W2",)))
    assert shop.triplets() == ()


def test_a_thumbs_down_for_declining_says_nothing_that_can_be_learnt(shop):
    shop.down(shop.ask("Does it make tea?", span=None))
    assert shop.triplets() == ()


def test_a_thumbs_down_alone_makes_a_negative_of_span_and_passage(shop):
    answer_id = shop.ask(span="Put in one tablet.")
    shop.down(answer_id)
    triplet = shop.only()
    assert (triplet.kind, triplet.answer, triplet.passage_id) == ("negative", "Put in one tablet.", CARE.id)
    assert (triplet.n_up, triplet.n_down, triplet.answer_ids) == (0, 1, (answer_id,))


def test_a_thumbs_down_with_a_correction_is_no_negative(shop):
    answer_id = shop.ask(span="Put in one tablet.")
    shop.down(answer_id)
    shop.correct(answer_id, "Change the water filter every two months.", of=WATER)
    assert [triplet.kind for triplet in shop.triplets()] == ["answer"]


def test_a_correction_without_a_vote_counts(shop):
    shop.correct(shop.ask(), "Put in one tablet.")
    assert shop.only().answer == "Put in one tablet."


def test_there_is_one_triplet_however_many_people_vote(shop):
    for n in range(5):
        shop.up(shop.ask(), f"U{n}")
    assert (shop.only().n_up, shop.only().n_down, len(shop.only().answer_ids)) == (5, 0, 5)


@pytest.mark.parametrize("asked", ["how often must I DESCALE", "How often must I descale ?!"])
def test_a_question_asked_again_in_other_letters_is_one_question(shop, asked):
    shop.up(shop.ask("How often must I descale?"), "U1")
    shop.up(shop.ask(asked), "U2")
    assert (shop.only().question, shop.only().n_up) == ("How often must I descale?", 2)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("What does ▲ do?", "what does  ▲ do", True),
        ("What does ▲ do?", "What does ▼ do?", False),
        ("What does the + button do?", "What does the button do?", False),
        ("Does C++ work?", "Does C# work?", False),
        ("Is 5° too warm?", "Is 5% too warm?", False),
        ("How do I descale it? 🙏❗", "*How* do I descale it", True),
        ("🔥", "?", False),
        ("What is Ｅ-4?", "what is e 4", True),
    ],
)
def test_signs_that_name_something_count_in_a_question_and_marks_and_smileys_do_not(one, other, same):
    assert (question_key(one, None) == question_key(other, None)) is same


def test_the_same_question_about_two_products_is_two_questions(shop):
    shop.up(shop.ask(product="Meridio 300"))
    shop.up(shop.ask(product="Meridio 500", of=WATER, span="every two months"))
    assert [triplet.conflict for triplet in shop.triplets()] == [None, None]


def test_a_person_who_votes_on_the_same_answer_twice_counts_once(shop):
    shop.up(shop.ask(), "U1")
    shop.up(shop.ask(), "U1")
    assert shop.only().n_up == 1


def test_of_a_person_s_votes_on_one_claim_the_latest_counts(shop):
    shop.up(shop.ask(), "U1", at=1)
    shop.down(shop.ask(), "U1", at=2)
    assert (shop.only().kind, shop.only().n_down) == ("negative", 1)


@pytest.mark.parametrize(("n_up", "n_down", "kind"), [(2, 1, "answer"), (1, 2, "negative"), (3, 1, "answer")])
def test_net_votes_decide(shop, n_up, n_down, kind):
    for n in range(n_up):
        shop.up(shop.ask(), f"Up{n}")
    for n in range(n_down):
        shop.down(shop.ask(), f"Down{n}")
    triplet = shop.only()
    assert (triplet.kind, triplet.n_up, triplet.n_down, triplet.conflict) == (kind, n_up, n_down, None)


def test_a_tie_is_flagged_and_not_trained_on(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True))
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.down(answer_id, "U2")
    triplet = shop.only()
    assert (triplet.kind, triplet.status, triplet.conflict) == ("answer", "pending", TIED)
    assert not triplet.trainable
    shop.store.close()


def test_of_two_spans_in_one_passage_the_one_with_more_net_votes_is_the_triplet(shop):
    for person in ("U1", "U2"):
        shop.up(shop.ask(span="every 200 cups"), person)
    shop.up(shop.ask(span="Descale the machine every 200 cups."), "U3")
    assert (shop.only().answer, shop.only().n_up, shop.only().conflict) == ("every 200 cups", 2, None)


def test_of_overlapping_spans_with_equal_votes_the_corrected_one_is_the_triplet(shop):
    answer_id = shop.ask(span="every 200 cups")
    shop.up(answer_id, "U1")
    shop.correct(answer_id, "Descale the machine every 200 cups.", person="U2")
    assert (shop.only().answer, shop.only().conflict) == ("Descale the machine every 200 cups.", None)


@pytest.mark.parametrize(("n_voters", "n_triplets"), [(1, 0), (2, 1)])
@pytest.mark.parametrize("value", [1, -1])
def test_a_minimum_number_of_people_must_agree(tmp_path, n_voters, n_triplets, value):
    shop = Shop(tmp_path, Rules(min_voters=2))
    for n in range(n_voters):
        shop.votes.add_signal(shop.signal(shop.ask(), f"U{n}", value))
        shop.votes.add_signal(shop.signal(shop.ask(), f"U{n}", value))
    assert len(shop.triplets()) == n_triplets
    shop.store.close()


def test_of_one_person_only_so_many_questions_count_in_a_week(tmp_path):
    shop = Shop(tmp_path, Rules(cap_per_person=2))
    for n in range(4):
        shop.up(shop.ask(f"Question number {n}?"), "U1", at=float(n))
    shop.up(shop.ask("Question number 3?"), "U2", at=9.0)
    shop.up(shop.ask("A week later?"), "U1", at=8 * 24 * 3600.0)
    assert sorted((t.question, t.n_up) for t in shop.triplets()) == [
        ("A week later?", 1),
        ("Question number 0?", 1),
        ("Question number 1?", 1),
        ("Question number 3?", 1),
    ]
    shop.store.close()


@pytest.mark.parametrize("changed", ["vote", "correction"])
def test_who_thinks_better_of_it_keeps_the_place_among_the_questions_of_the_week(tmp_path, changed):
    shop = Shop(tmp_path, Rules(cap_per_person=2))
    asked = [shop.ask(f"Question number {n}?") for n in range(3)]
    for n, answer_id in enumerate(asked):
        shop.down(answer_id, "U1", at=float(n))
    if changed == "vote":
        shop.take_back(asked[0], "U1", at=8.0)
        shop.up(asked[0], "U1", at=9.0)
    else:
        shop.correct(asked[0], "Put in one tablet.", person="U1", at=9.0)
    assert {triplet.question for triplet in shop.triplets()} == {"Question number 0?", "Question number 1?"}
    shop.store.close()


def test_a_change_of_mind_in_a_later_week_is_no_vote_of_that_week(tmp_path):
    shop = Shop(tmp_path, Rules(cap_per_person=1))
    first = shop.ask("Question number 0?")
    shop.down(first, "U1", at=0.0)
    shop.up(first, "U1", at=WEEK_S + 1.0)
    shop.up(shop.ask("Question number 1?"), "U1", at=WEEK_S + 2.0)
    assert [(t.question, t.kind) for t in sorted(shop.triplets(), key=lambda t: t.question)] == [
        ("Question number 0?", "answer"),
        ("Question number 1?", "answer"),
    ]
    shop.store.close()


def test_many_votes_of_one_person_on_one_question_use_up_one_of_them(tmp_path):
    shop = Shop(tmp_path, Rules(cap_per_person=2))
    for _ in range(5):
        shop.up(shop.ask(), "U1")
    shop.up(shop.ask("Which filter?", of=WATER, span="filters"), "U1")
    assert sorted(triplet.n_up for triplet in shop.triplets()) == [1, 1]
    shop.store.close()


def test_conflicting_answers_to_one_question_are_flagged_and_not_trained_on(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True))
    shop.up(shop.ask(of=CARE, span="every 200 cups"), "U1")
    shop.up(shop.ask(of=WATER, span="every two months"), "U2")
    by_answer = {triplet.answer: triplet for triplet in shop.triplets()}
    assert by_answer["every 200 cups"].conflict == "another answer was found right: “every two months”"
    assert by_answer["every two months"].conflict == "another answer was found right: “every 200 cups”"
    assert [(t.status, t.trainable) for t in by_answer.values()] == [("pending", False)] * 2
    shop.store.close()


def test_a_thumbs_up_and_another_persons_correction_are_a_conflict(shop):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.correct(answer_id, "every two months", of=WATER, person="U2")
    assert sorted((t.answer, t.conflict is None, t.n_up, t.n_down) for t in shop.triplets()) == [
        ("every 200 cups", False, 1, 1),
        ("every two months", False, 1, 0),
    ]


def test_two_places_in_one_passage_are_a_conflict_on_its_one_triplet(shop):
    shop.up(shop.ask(span="every 200 cups"), "U1")
    shop.up(shop.ask(span="Put in one tablet."), "U2")
    assert shop.only().conflict is not None


def test_an_answer_and_the_manuals_do_not_say_are_a_conflict(shop):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.correct(answer_id, None, person="U2")
    assert (shop.only().kind, shop.only().conflict) == (
        "unanswerable",
        "another answer was found right: “every 200 cups”",
    )


def test_an_outvoted_answer_is_in_conflict_with_none(shop):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    for person in ("U2", "U3"):
        shop.correct(answer_id, "every two months", of=WATER, person=person)
    assert [(t.answer, t.conflict) for t in shop.triplets()] == [("every two months", None)]


def test_the_same_words_in_another_manual_are_no_conflict(tmp_path):
    other = passage(DESCALE, path="meridio-500.md")
    shop = Shop(tmp_path, passages=(CARE, other))
    shop.up(shop.ask(of=CARE), "U1")
    shop.up(shop.ask(of=other), "U2")
    assert [triplet.conflict for triplet in shop.triplets()] == [None, None]
    shop.store.close()


def test_numbers_that_only_begin_alike_are_a_conflict(tmp_path):
    seconds, more = passage("Wait 10 seconds."), passage("Wait 100 seconds.", "Other")
    shop = Shop(tmp_path, passages=(seconds, more))
    shop.up(shop.ask(of=seconds, span="10"), "U1")
    shop.up(shop.ask(of=more, span="100"), "U2")
    assert all(triplet.conflict for triplet in shop.triplets())
    shop.store.close()


def test_buttons_that_only_their_signs_tell_apart_are_a_conflict(tmp_path):
    up, down = passage("Press ▲ twice."), passage("Press ▼ twice.", "Other")
    shop = Shop(tmp_path, passages=(up, down))
    shop.up(shop.ask(of=up, span="Press ▲"), "U1")
    shop.up(shop.ask(of=down, span="Press ▼"), "U2")
    assert sorted(triplet.conflict for triplet in shop.triplets()) == [
        "another answer was found right: “Press ▲”",
        "another answer was found right: “Press ▼”",
    ]
    shop.store.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fill it to 1.5 bar", "Fill it to 5 bar"),
        ("Store it at -5 °C", "Store it at 5 °C"),
        ("Do not open the lid", "Open the lid"),
    ],
)
def test_numbers_that_differ_in_sign_or_digits_and_what_must_not_be_are_a_conflict(tmp_path, one, other):
    passages = passage(one + ".", "One"), passage(other + ".", "Other")
    shop = Shop(tmp_path, Rules(approve_all=True), passages)
    for number, (words, place) in enumerate(zip((one, other), passages, strict=True)):
        span = words if "open" in words.lower() else " ".join(words.split()[-2:])
        shop.up(shop.ask("What about it?", span, place), f"U{number}")
    assert [(t.status, t.conflict is None) for t in shop.triplets()] == [("pending", False)] * 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What happens at -5 °C?", "What happens at 5 °C?"),
        ("Fill it to 1.5 bar?", "Fill it to 15 bar?"),
        ("तेल कैसे बदलें?", "ताला कैसे बदलें?"),
    ],
)
def test_questions_about_other_numbers_or_words_are_others(one, other):
    assert question_key(one, None) != question_key(other, None)


def test_taking_back_a_thumbs_up_takes_the_triplet_back(shop):
    answer_id = shop.ask()
    shop.up(answer_id)
    assert len(shop.triplets()) == 1
    shop.take_back(answer_id)
    assert shop.triplets() == ()


def test_taking_back_a_vote_that_others_share_leaves_the_triplet(shop):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.up(answer_id, "U2")
    shop.take_back(answer_id, "U1")
    assert shop.only().n_up == 1


def test_taking_back_the_thumbs_down_takes_its_correction_back(shop):
    answer_id = shop.ask()
    shop.down(answer_id, at=1)
    shop.correct(answer_id, "Put in one tablet.", at=2)
    shop.take_back(answer_id, at=3)
    assert shop.triplets() == ()


def test_a_thumbs_up_after_a_correction_takes_its_place(shop):
    answer_id = shop.ask()
    shop.correct(answer_id, "Put in one tablet.", at=1)
    shop.up(answer_id, at=2)
    assert (shop.only().answer, shop.only().provenance) == ("every 200 cups", "vote")


def test_a_correction_after_a_thumbs_up_takes_its_place(shop):
    answer_id = shop.ask()
    shop.up(answer_id, at=1)
    shop.correct(answer_id, "Put in one tablet.", at=2)
    assert (shop.only().answer, shop.only().n_up, shop.only().conflict) == ("Put in one tablet.", 1, None)


def test_forgetting_the_voter_takes_the_triplet_back(shop):
    shop.up(shop.ask(), "U1")
    shop.votes.forget("U1")
    assert shop.triplets() == ()


def test_forgetting_who_asked_takes_the_triplet_back_with_its_question(shop):
    shop.up(shop.ask(asked_by="U7"), "U1")
    assert len(shop.triplets()) == 1
    shop.answers.forget("U7")
    assert shop.triplets() == ()
    assert shop.store.rows("SELECT * FROM shown_answers") == []


def test_forgetting_who_asked_forgets_what_an_admin_wrote_of_it_and_what_data_sets_kept(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True))
    for number, (asker, question) in enumerate((("U0", "How does Anna descale?"), ("U9", "Why is it red?"))):
        shop.up(shop.ask(question, of=(CARE, LAMPS)[number], span=None, asked_by=asker))
    edited = next(t for t in shop.triplets() if "Anna" in t.question)
    Triage(shop.open()).edit(edited.id, Amendment(question="How does Anna of Bremen descale?"))
    frozen_dataset(shop.store, shop.open(), 0, shop.rules)
    tables = [row["name"] for row in shop.store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def mentions(word):
        rows = [str(row) for table in tables for row in shop.store.rows(f"SELECT * FROM {table}")]
        return sum(word in row for row in rows)

    assert mentions("Anna") > 1
    shop.answers.forget("U0")
    shop.triplets()
    assert mentions("Anna") == 0
    assert mentions("Why is it red?") > 1
    shop.store.close()


def test_a_retraining_right_after_somebody_was_forgotten_counts_the_triplets_that_stay(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True))
    for asker, question in (("U0", "How does Anna descale?"), ("U9", "Why is it red?"), ("U9", "Which?")):
        shop.up(shop.ask(question, span=None, asked_by=asker))
    assert len(shop.triplets()) == 3
    shop.answers.forget("U0")
    forget_what_is_gone(shop.store)
    assert "Anna" not in str(shop.store.rows("SELECT * FROM triplets"))
    assert Jobs(shop.store).claim(Request()).n_triplets == 2
    assert len(shop.triplets()) == 2
    shop.store.close()


def test_no_person_is_in_a_triplet_or_in_what_is_kept_for_it(shop):
    shop.up(shop.ask("Who is <@U0ABC123>, mail jo@example.com?", asked_by="UASKED"), "UVOTED")
    assert shop.only().question == "Who is [person], mail [email]?"
    tables = ("triplets", "shown_answers", "triplet_places", "triplet_decisions", "imported_triplets")
    kept = "".join(str(shop.store.rows(f"SELECT * FROM {table}")) for table in tables)
    assert not any(secret in kept for secret in ("UVOTED", "UASKED", "U0ABC123", "jo@example.com"))


def test_all_are_approved_by_setting(tmp_path):
    shop = Shop(tmp_path, Rules(approve_all=True))
    shop.up(shop.ask())
    assert (shop.only().status, shop.only().trainable) == ("approved", True)
    shop.store.close()


# The laws, on the pure derivation.

PLACES = {each.id: Place(each.id, each.text) for each in (CARE, WATER, LAMPS)}
SPANS = [(0, 10), (5, 20), (30, 40)]
ANSWERS = {
    f"a{n}": Shown(
        f"a{n}",
        question,
        question_key(question, None),
        None,
        Claim(place, *(span or (None, None))),
        "seen" if span else None,
    )
    for n, (question, place, span) in enumerate(
        (question, place, span)
        for question in ("How often?", "Which filter?")
        for place in PLACES.values()
        for span in (*SPANS, None)
    )
}
votes_given = st.dictionaries(
    st.tuples(st.sampled_from(sorted(ANSWERS)), st.sampled_from(["U1", "U2", "U3", "U4"])),
    st.tuples(st.sampled_from([1, -1]), st.integers(0, 50)),
    max_size=25,
)
corrections_made = st.dictionaries(
    st.tuples(st.sampled_from(sorted(ANSWERS)), st.sampled_from(["U1", "U2", "U3", "U4"])),
    st.tuples(st.sampled_from([*PLACES, None]), st.sampled_from(SPANS), st.integers(0, 50)),
    max_size=6,
)
rules_set = st.builds(Rules, min_voters=st.integers(1, 2), cap_per_person=st.sampled_from([1, 2, 50]))


def facts_of(votes, corrections):
    return Facts(
        shown=ANSWERS,
        votes=[Vote(answer_id, person, value, at) for (answer_id, person), (value, at) in votes.items()],
        corrections=[
            Correction(f"V-{answer_id}-{person}", answer_id, person, "not_in_manuals", "r1", at)
            if place is None
            else Correction(
                f"V-{answer_id}-{person}",
                answer_id,
                person,
                "span",
                "r1",
                at,
                place,
                PLACES[place].text,
                *span,
            )
            for (answer_id, person), (place, span, at) in corrections.items()
        ],
        last_signals={key: float(at) for key, (_, at) in votes.items() if key in corrections},
    )


@settings(deadline=None, max_examples=80)
@given(votes_given, corrections_made, rules_set, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(votes, corrections, rules, random):
    facts = facts_of(votes, corrections)
    shuffled = replace(
        facts,
        votes=random.sample(facts.votes, len(facts.votes)),
        corrections=random.sample(facts.corrections, len(facts.corrections)),
    )
    assert derive(shuffled, rules).derived == derive(facts, rules).derived


@settings(deadline=None, max_examples=80)
@given(votes_given, corrections_made, rules_set)
def test_there_is_never_more_than_one_triplet_of_a_question_and_a_passage(votes, corrections, rules):
    triplets = [each.triplet for each in derive(facts_of(votes, corrections), rules).derived]
    slots = [(triplet.question_key, triplet.passage_id) for triplet in triplets]
    assert len(set(slots)) == len(slots)
    assert len({triplet.id for triplet in triplets}) == len(triplets)
    for triplet in triplets:
        assert (triplet.start is None) == (triplet.kind == "unanswerable")
        assert triplet.n_down > triplet.n_up if triplet.kind == "negative" else triplet.n_up >= triplet.n_down
        assert max(triplet.n_up, triplet.n_down) >= rules.min_voters


@settings(deadline=None, max_examples=80)
@given(votes_given, corrections_made)
def test_what_may_be_trained_on_never_contradicts_itself(votes, corrections):
    derived = derive(facts_of(votes, corrections), Rules(approve_all=True)).derived
    trained = [each.triplet for each in derived if each.triplet.trainable and each.triplet.kind != "negative"]
    for one in trained:
        for other in trained:
            if one.question_key == other.question_key and one.id != other.id:
                assert "answer" in (one.kind, other.kind)
                assert (one.answer or "").casefold() in (other.answer or "").casefold() or (
                    (other.answer or "").casefold() in (one.answer or "").casefold()
                )
                assert one.kind == other.kind


@settings(deadline=None, max_examples=60)
@given(votes_given, st.sampled_from(sorted(ANSWERS)), st.sampled_from(["U1", "U9"]))
def test_a_vote_that_is_taken_back_was_never_there(votes, answer_id, person):
    without = {key: vote for key, vote in votes.items() if key != (answer_id, person)}
    before = derive(facts_of(without, {}), Rules()).derived
    facts = facts_of({**without, (answer_id, person): (1, 7)}, {})
    taken_back = replace(
        facts, votes=[v for v in facts.votes if (v.answer_id, v.person) != (answer_id, person)]
    )
    assert derive(taken_back, Rules()).derived == before


@settings(deadline=None, max_examples=80)
@given(votes_given, corrections_made, votes_given, corrections_made, rules_set)
def test_importing_ones_own_export_changes_nothing_whatever_came_since(
    votes, corrections, votes_since, corrections_since, rules
):
    exported = [each.triplet for each in derive(facts_of(votes, corrections), rules).derived]
    now = facts_of(votes_since, corrections_since)
    imported = replace(now, imported=[replace(triplet, provenance="import") for triplet in exported])
    assert derive(imported, rules).derived == derive(now, rules).derived


def test_deriving_thousands_of_triplets_is_not_held_up_by_a_search_for_garbage(tmp_path, monkeypatch):
    shop = Shop(tmp_path)
    shop.up(shop.ask(), "U1")
    was_on: list[bool] = []

    def watched(facts, rules, anchors):
        was_on.append(gc.isenabled())
        return derive(facts, rules, anchors)

    monkeypatch.setattr("training.feedback.triplet_store.derive", watched)
    assert len(shop.triplets()) == 1
    assert (was_on, gc.isenabled()) == ([False], True)
    shop.store.close()


def test_what_too_few_people_say_is_counted_until_enough_do(tmp_path):
    shop = Shop(tmp_path, Rules(min_voters=2))

    def n_short():
        return shop.open().n_short_of_people()

    assert n_short() == 0
    shop.up(shop.ask(), "U1")
    shop.down(shop.ask("Which filter?", span="filters", of=WATER), "U1")
    shop.correct(shop.ask("Blue?", span=None), "A blue light", of=LAMPS, person="U1")
    assert n_short() == 3
    shop.up(shop.ask(), "U2")
    assert n_short() == 2
    shop.up(shop.ask("Which filter?", span="filters", of=WATER), "U2")
    assert n_short() == 2, "one for it, one against it: the first of them still waits for a second"
    shop.passages = (CARE, WATER)
    assert n_short() == 1, "a text that has left the manuals waits for nobody"
    shop.rules = Rules()
    assert n_short() == 0
    shop.store.close()
