"""Which triplets are derived again when somebody says, decides, imports or forgets something."""

import random
from contextlib import suppress
from dataclasses import replace

import pytest
from fakes_votes import CARE, LAMPS, WATER, Shop, passage
from full_disk import full_disk

from qa_core.errors import DataError, StoreError
from qa_core.forgotten import ForgottenQuestions
from training.feedback import triplet_store
from training.feedback.anchoring import Anchors
from training.feedback.claims import Edit, question_key
from training.feedback.forgetting import forget_person
from training.feedback.support import claim_of
from training.feedback.triplet import Rules
from training.feedback.triplet_facts import read_facts
from training.feedback.triplet_store import Triplets
from training.triplets import derive

DAY_S = 24 * 3600.0
PEOPLE = ("U1", "U2", "U3", "U4")
ASKED = (
    ("How often?", "every 200 cups", CARE),
    ("How often?", "one tablet", CARE),
    ("How often?", None, WATER),
    ("Which filter?", "water filter", WATER),
    ("When is the filter changed?", "every two months", WATER),
    ("What is red?", "the tank is empty", LAMPS),
    ("What is blue?", "it heats up", LAMPS),
)
MOVED = passage(f"Read this first. {WATER.text}", "Water")


@pytest.fixture
def asked_of(monkeypatch):
    """Of which questions triplets are derived, each time; None: of all."""
    seen = []

    def watched(facts, rules, anchors):
        seen.append(facts.questions)
        return derive(facts, rules, anchors)

    monkeypatch.setattr(triplet_store, "derive", watched)
    return seen


class Floor:
    """A shop where anything happens, in an order that a seed gives."""

    def __init__(self, folder, seed):
        self.random = random.Random(seed)
        self.shop = Shop(folder, self.rules())
        self.answers = [self.shop.ask(*each, asked_by=self.random.choice(PEOPLE)) for each in ASKED * 3]

    def rules(self):
        return Rules(min_voters=self.random.choice([1, 1, 2]), cap_per_person=self.random.choice([1, 2, 50]))

    def happen(self):
        often = [self.vote] * 12 + [self.correct] * 4 + [self.decide] * 4 + [self.import_] * 2 + [self.ask]
        self.random.choice([*often, self.forget, self.change_manuals, self.change_rules])()

    def vote(self):
        act = self.random.choice([self.shop.up, self.shop.up, self.shop.down, self.shop.take_back])
        act(self.random.choice(self.answers), self.random.choice(PEOPLE), self.some_time())

    def correct(self):
        words, of = self.random.choice([("Put in one tablet", CARE), ("from the shop", WATER), (None, CARE)])
        of_whom = self.random.choice(PEOPLE)
        self.shop.correct(self.random.choice(self.answers), words, of, of_whom, self.some_time())

    def decide(self):
        triplets = self.shop.open()
        if not (known := triplets.list()):
            return
        triplet = self.random.choice(known)
        edit = None
        if triplet.kind == "answer" and self.random.random() < 0.3:
            words = self.random.choice([None, "Which filter?", "What is green?"])
            edit = Edit(words, replace(claim_of(triplet), start=0))
        with suppress(DataError):  # another claim has taken the place of what was rejected
            triplets.decide(triplet.id, self.random.choice(["approved", "rejected"]), edit)

    def import_(self):
        known = self.shop.open().list()
        chosen = self.random.sample(known, min(len(known), 2))
        answer_ids = (self.random.choice([*self.answers, "elsewhere"]),)
        changed = [
            replace(each, question=words, question_key=question_key(words, None), answer_ids=answer_ids)
            for each in chosen
            for words in [self.random.choice([each.question, "What is blue?", "What is green?"])]
        ]
        self.shop.open().add_imported(replace(each, provenance="import") for each in changed)

    def ask(self):
        self.answers.append(self.shop.ask(*self.random.choice(ASKED), asked_by=self.random.choice(PEOPLE)))

    def forget(self):
        person = self.random.choice(PEOPLE)
        if self.random.random() < 0.5:
            forget_person(self.shop.store, person)
        else:
            self.shop.votes.forget(person)

    def change_manuals(self):
        self.shop.passages = self.random.choice([(CARE, WATER, LAMPS), (CARE, LAMPS), (CARE, MOVED, LAMPS)])

    def change_rules(self):
        self.shop.rules = self.rules()

    def some_time(self):
        return self.random.randrange(25) * DAY_S


@pytest.mark.parametrize("seed", range(12))
def test_what_is_derived_from_new_facts_is_what_would_be_derived_from_all(tmp_path, asked_of, seed):
    floor = Floor(tmp_path, seed)
    for _ in range(60):
        floor.happen()
        shop = floor.shop
        whole = derive(read_facts(shop.store), shop.rules, Anchors(shop.passages))
        known = shop.open()
        assert sorted(known.list(), key=lambda each: each.id) == [each.triplet for each in whole.derived]
        assert known.n_short_of_people() == sum(whole.n_short.values())
    assert sum(each is not None for each in asked_of) > len(asked_of) // 3
    floor.shop.store.close()


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    shop.store.close()


def test_a_vote_has_only_what_its_person_said_in_that_week_derived_again(shop, asked_of):
    mine, later, other = shop.ask("How often?"), shop.ask("How much?"), shop.ask("How long?")
    shop.up(mine, "U1", at=1.0)
    shop.up(later, "U1", at=9 * DAY_S)
    shop.up(other, "U2", at=2.0)
    assert len(shop.triplets()) == 3
    shop.up(shop.ask("How soon?"), "U1", at=3.0)
    assert len(shop.triplets()) == 4
    keys = frozenset(question_key(words, None) for words in ("How often?", "How soon?"))
    assert asked_of == [None, keys]


def test_a_decision_that_is_made_again_has_only_its_question_derived_again(shop, asked_of):
    first, second = shop.ask("How often?"), shop.ask("Which filter?", "water filter", WATER)
    shop.up(first, "U1")
    shop.up(second, "U2")
    triplets = shop.open()
    [descaling] = [each for each in triplets.list() if each.question == "How often?"]
    for status in ("approved", "rejected", "approved"):
        assert triplets.decide(descaling.id, status).status == status
    assert asked_of == [None, *[frozenset([descaling.question_key])] * 3]


def test_where_somebody_else_derives_by_other_manuals_meanwhile_all_are_derived(shop, monkeypatch):
    first, second = shop.ask("How often?"), shop.ask("Which filter?", "water filter", WATER)
    shop.up(first, "U1")
    assert [each.status for each in shop.triplets()] == ["pending"]
    seen = []

    def overtaken(facts, rules, anchors):
        seen.append(facts.questions)
        if len(seen) == 1:
            Triplets(shop.store, (WATER,)).refresh()
        return derive(facts, rules, anchors)

    monkeypatch.setattr(triplet_store, "derive", overtaken)
    shop.up(second, "U2")
    assert [each.status for each in shop.triplets()] == ["pending", "pending"], "none is stale"
    assert seen == [frozenset([question_key("Which filter?", None)]), None, None]


def test_what_is_asked_again_may_be_remembered_though_others_vote_while_it_is_derived(shop, monkeypatch):
    shop.up(shop.ask("How often?", asked_by="U1"), "U1")
    shop.up(shop.ask("How soon?"), "U2")
    shop.triplets()
    forget_person(shop.store, "U1")
    shop.triplets()
    forgotten = ForgottenQuestions(shop.store)
    assert forgotten.among(["How often?"]) == {"How often?"}
    again, meanwhile = shop.ask("How often?"), shop.ask("How much?")

    def interrupted(facts, rules, anchors):
        shop.up(meanwhile, "U3", at=5.0)
        return derive(facts, rules, anchors)

    shop.up(again, "U2", at=100 * DAY_S)
    monkeypatch.setattr(triplet_store, "derive", interrupted)
    shop.open().refresh()
    assert forgotten.among(["How often?"]) == frozenset()


def test_a_vote_on_a_full_disk_is_stored_whole_when_there_is_room(shop):
    shop.up(shop.ask("How often?"), "U1")
    asked = shop.ask("Which filter?", "water filter", WATER)
    [before] = shop.triplets()
    with full_disk():
        with pytest.raises(StoreError, match="Check the disk, and how much of it this user may fill"):
            shop.up(asked, "U2", at=7.0)
        assert shop.triplets() == (before,), "what is known can be read"
    shop.up(asked, "U2", at=7.0)
    with full_disk(), pytest.raises(StoreError, match="Check the disk"):
        shop.triplets()
    assert len(shop.triplets()) == 2
