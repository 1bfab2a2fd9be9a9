import pytest
from fakes_votes import CARE, DESCALE, LAMPS, WATER, Shop, passage

from bot.views.cases import cases_of
from qa_core.errors import DataError
from training.feedback.triage import Amendment, Choice, Missed, Seen, Triage, sign_of_approved
from training.feedback.triplet import Rules
from training.feedback.triplet_store import Triplets


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    shop.store.close()


def triage_of(shop):
    return Triage(shop.open())


def test_what_waits_is_listed_conflicts_first(shop):
    shop.up(shop.ask("Which filter?", span="filters", of=WATER))
    shop.up(shop.ask(), "U1")
    shop.correct(shop.ask(), None, person="U2")
    pending = shop.open().list("pending")
    assert [(triplet.question, triplet.conflict is None) for triplet in pending] == [
        ("How often must I descale?", False),
        ("Which filter?", True),
    ]


def test_beside_what_waits_stands_what_is_approved_of_the_same_question_and_nothing_else(shop):
    shop.up(shop.ask(), "U1")
    triage_of(shop).approve(shop.only().id)
    shop.up(shop.ask(span="every two months", of=WATER), "U2")
    shop.up(shop.ask("Which filter?", span="filters", of=WATER))
    [filters] = [each for each in shop.triplets() if each.question == "Which filter?"]
    triage_of(shop).approve(filters.id)
    waiting = shop.open().waiting()
    assert [(each.question, each.answer, each.status) for each in waiting] == [
        ("How often must I descale?", "every two months", "pending"),
        ("How often must I descale?", "every 200 cups", "approved"),
    ]
    assert cases_of(waiting) == cases_of(shop.triplets())


def test_approving_and_rejecting_outlast_later_votes(shop):
    triage = triage_of(shop)
    answer_id = shop.ask()
    shop.up(answer_id)
    assert triage.approve(shop.only().id).status == "approved"
    for person in ("U2", "U3"):
        shop.down(answer_id, person)
    assert (shop.only().status, shop.only().kind) == ("approved", "answer")
    assert triage.reject(shop.only().id).status == "rejected"
    shop.up(answer_id, "U4")
    assert (shop.only().status, shop.only().trainable) == ("rejected", False)
    assert shop.open().list("pending") == ()


def test_a_decision_is_about_the_answer_not_about_any_other_one_to_the_question(shop):
    shop.up(shop.ask())
    triage_of(shop).approve(shop.only().id)
    for person in ("U1", "U2"):
        shop.down(shop.ask(), person)
        shop.up(shop.ask(span="every two months", of=WATER), person)
    by_answer = {triplet.answer: triplet for triplet in shop.triplets()}
    assert by_answer["every two months"].status == "pending"


def test_taking_the_vote_back_takes_an_approved_triplet_back(shop):
    answer_id = shop.ask()
    shop.up(answer_id)
    triage_of(shop).approve(shop.only().id)
    shop.take_back(answer_id)
    assert shop.triplets() == ()
    shop.up(answer_id, "U2")
    assert shop.only().status == "approved"


def test_approving_one_of_two_answers_settles_the_conflict(shop):
    shop.up(shop.ask(), "U1")
    shop.up(shop.ask(span="every two months", of=WATER), "U2")
    right, other = shop.triplets()
    settled = triage_of(shop).approve(right.id)
    assert (settled.status, settled.conflict, settled.trainable) == ("approved", None, True)
    assert [(t.status, t.trainable) for t in shop.triplets() if t.id == other.id] == [("pending", False)]


def test_rejecting_one_of_two_answers_settles_the_conflict_too(shop):
    shop.up(shop.ask(), "U1")
    shop.up(shop.ask(span="every two months", of=WATER), "U2")
    wrong, right = shop.triplets()
    triage_of(shop).reject(wrong.id)
    assert [(t.id, t.status, t.conflict) for t in shop.triplets() if t.id == right.id] == [
        (right.id, "pending", None)
    ]


def test_editing_the_answer_moves_the_span_and_approves(shop):
    shop.up(shop.ask())
    edited = triage_of(shop).edit(shop.only().id, Amendment(answer="Put in one tablet."))
    assert (edited.answer, edited.status, edited.edited) == ("Put in one tablet.", "approved", True)
    assert shop.only() == edited
    shop.up(shop.ask(), "U2")
    assert (shop.only().answer, shop.only().n_up) == ("Put in one tablet.", 2)


def test_editing_can_point_to_any_place_in_the_manuals(shop):
    shop.up(shop.ask())
    edited = triage_of(shop).edit(shop.only().id, Amendment(answer="change the WATER filter"))
    assert (edited.answer, edited.passage_id, edited.heading_path) == (
        "Change the water filter",
        WATER.id,
        ("Meridio", "Water"),
    )
    assert shop.only() == edited


def test_an_edited_question_is_masked_and_the_answer_stays(shop):
    shop.up(shop.ask())
    edited = triage_of(shop).edit(shop.only().id, Amendment(question="How often, asks jo@example.com?"))
    assert (edited.question, edited.answer) == ("How often, asks [email]?", "every 200 cups")
    again = triage_of(shop).edit(edited.id, Amendment(answer="Put in one tablet."))
    assert (again.question, again.answer) == ("How often, asks [email]?", "Put in one tablet.")


def test_a_negative_becomes_an_answer_when_an_admin_gives_the_right_words(shop):
    shop.down(shop.ask())
    assert shop.only().kind == "negative"
    edited = triage_of(shop).edit(shop.only().id, Amendment(answer="Put in one tablet."))
    assert (edited.kind, edited.answer, edited.status) == ("answer", "Put in one tablet.", "approved")


def test_an_admin_can_say_that_the_manuals_do_not_say(shop):
    shop.up(shop.ask())
    edited = triage_of(shop).edit(shop.only().id, Amendment(unanswerable=True))
    assert (edited.kind, edited.answer, edited.context) == ("unanswerable", None, DESCALE)


def test_rejecting_and_approving_again_keeps_the_edit(shop):
    triage = triage_of(shop)
    shop.up(shop.ask())
    edited = triage.edit(shop.only().id, Amendment(answer="Put in one tablet."))
    assert triage.reject(edited.id).status == "rejected"
    approved = triage.approve(edited.id)
    assert (approved.answer, approved.status) == ("Put in one tablet.", "approved")


@pytest.mark.parametrize(
    ("amendment", "message"),
    [
        (Amendment(), "Nothing is changed"),
        (Amendment(answer="no such words"), "stands in no manual"),
        (Amendment(answer="00 cups"), "stands in no manual"),
        (Amendment(answer="cups", unanswerable=True), "not both"),
        (Amendment(question="caf\udce9?"), "holds half a character. Type it again"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_and_changes_nothing(shop, amendment, message):
    shop.up(shop.ask())
    before = shop.only()
    with pytest.raises(DataError, match=message):
        triage_of(shop).edit(before.id, amendment)
    assert shop.only() == before


def test_an_edit_of_a_stale_triplet_must_stand_in_todays_manuals(shop):
    shop.up(shop.ask())
    shop.passages = (WATER,)
    with pytest.raises(DataError, match="stands in no manual"):
        triage_of(shop).edit(shop.only().id, Amendment(answer="Put in one tablet."))
    edited = triage_of(shop).edit(shop.only().id, Amendment(answer="every two months"))
    assert (edited.status, edited.passage_id) == ("approved", WATER.id)


def test_a_triplet_that_is_not_there_is_an_error_with_the_next_step(shop):
    with pytest.raises(DataError, match=r"There is no triplet abc.*manualbot triplets list"):
        triage_of(shop).approve("abc")


def test_deriving_again_changes_nothing(shop):
    shop.up(shop.ask())
    shop.correct(shop.ask("Which filter?"), "filters", of=WATER)
    first = shop.triplets()
    rows = shop.store.rows("SELECT * FROM triplets")
    shop.store.db.execute("DELETE FROM triplet_state")
    assert shop.triplets() == first
    assert shop.store.rows("SELECT * FROM triplets") == rows
    assert shop.open().counts() == {"pending": 2}


def test_a_change_that_cannot_be_written_whole_is_not_written_at_all(shop):
    shop.up(shop.ask())
    shop.triplets()
    before = shop.store.rows("SELECT * FROM triplets")
    shop.store.db.execute(
        "CREATE TRIGGER full BEFORE INSERT ON triplet_state BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    shop.up(shop.ask("Which filter?", of=WATER, span="filters"))
    with pytest.raises(Exception, match="disk full"):
        shop.triplets()
    assert shop.store.rows("SELECT * FROM triplets") == before
    shop.store.db.execute("DROP TRIGGER full")
    assert len(shop.triplets()) == 2


def test_an_answer_in_a_passage_of_the_same_section_is_found(tmp_path):
    first, second = (
        passage(text, section=DESCALE) for text in ("Empty the tank first.", "Put in one tablet.")
    )
    shared = first.section
    shop = Shop(
        tmp_path, passages=(first, type(second)(second.id, second.manual, shared, second.start, second.end))
    )
    shop.up(shop.ask(of=first, span="Empty the tank"))
    edited = triage_of(shop).edit(shop.only().id, Amendment(answer="Put in one tablet."))
    assert (edited.answer, edited.passage_id) == ("Put in one tablet.", second.id)
    assert CARE.id not in {first.id, second.id}
    shop.store.close()


def seen(shop, answer=None):
    """The triplet with this answer, or the only one, as an admin sees it now."""
    [found] = [triplet for triplet in shop.triplets() if answer in (None, triplet.answer)]
    return Seen.of(found)


def choice(shop, answer):
    """This answer, picked from all that wait now."""
    picked = seen(shop, answer)
    return Choice(picked, tuple(each for each in map(Seen.of, shop.triplets()) if each != picked))


def statuses(shop):
    return {triplet.answer: triplet.status for triplet in shop.triplets()}


def test_several_are_approved_at_once_as_they_were_seen(shop):
    shop.up(shop.ask())
    shop.up(shop.ask("Which filter?", span="filters", of=WATER))
    both = [Seen.of(triplet) for triplet in shop.triplets()]
    assert triage_of(shop).settle(both, "approved") == {}
    assert statuses(shop) == {"every 200 cups": "approved", "filters": "approved"}


def test_a_triplet_whose_vote_was_taken_back_is_gone_and_the_others_are_decided(shop):
    answer_id = shop.ask()
    shop.up(answer_id)
    shop.up(shop.ask("Which filter?", span="filters", of=WATER))
    gone, there = seen(shop, "every 200 cups"), seen(shop, "filters")
    shop.take_back(answer_id)
    assert triage_of(shop).settle([gone, there], "rejected") == {gone: Missed.gone}
    assert statuses(shop) == {"filters": "rejected"}


def test_an_answer_that_nobody_has_seen_is_not_approved(shop):
    shop.up(shop.ask(), "U1")
    before = seen(shop)
    for person in ("U2", "U3"):
        shop.up(shop.ask(span="Put in one tablet."), person)
    assert shop.only().id == before.id
    assert triage_of(shop).settle([before], "approved") == {before: Missed.changed}
    assert triage_of(shop).amend(before, Amendment(question="How often?")) == Missed.changed
    assert statuses(shop) == {"Put in one tablet.": "pending"}


def test_of_two_admins_the_first_decides_and_the_second_is_told(shop):
    shop.up(shop.ask())
    shown = seen(shop)
    assert triage_of(shop).settle([shown], "approved") == {}
    assert triage_of(shop).settle([shown], "approved") == {}
    assert triage_of(shop).settle([shown], "rejected") == {shown: Missed.approved}
    assert triage_of(shop).amend(shown, Amendment(answer="Put in one tablet.")) == Missed.approved
    assert statuses(shop) == {"every 200 cups": "approved"}


def test_who_decides_while_another_one_does_is_told(shop, monkeypatch):
    shop.up(shop.ask())
    seen = Seen.of(shop.only())
    first, second = shop.open(), shop.open()
    refresh, waiting = second.refresh, [seen]

    def overtaken():
        refresh()
        if waiting:
            assert not Triage(first).settle([waiting.pop()], "rejected")

    monkeypatch.setattr(second, "refresh", overtaken)
    assert Triage(second).settle([seen], "approved") == {seen: Missed.rejected}
    assert shop.only().status == "rejected"


def test_a_rejection_holds_in_a_passage_that_has_changed_when_only_later_voters_are_left(tmp_path):
    before, now = passage(DESCALE), passage(DESCALE.replace("one tablet", "two tablets"))
    shop = Shop(tmp_path, Rules(approve_all=True), (before,))
    first = shop.ask(of=before)
    shop.up(first, "U1")
    Triage(shop.open()).reject(shop.only().id)
    shop.passages = (now,)
    shop.up(shop.ask(of=now), "U2")
    assert shop.only().status == "rejected"
    shop.take_back(first, "U1")
    assert shop.only().status == "rejected"
    Triage(shop.open()).approve(shop.only().id)
    assert shop.only().status == "approved"


def test_what_went_stale_meanwhile_is_not_approved(shop):
    shop.up(shop.ask())
    shown = seen(shop)
    shop.passages = (WATER,)
    assert triage_of(shop).settle([shown], "approved") == {shown: Missed.stale}


def test_picking_one_of_the_conflicting_answers_rejects_the_others(shop, monkeypatch):
    shop.up(shop.ask(), "U1")
    shop.up(shop.ask(span="every two months", of=WATER), "U2")
    shop.correct(shop.ask(span="A red light", of=LAMPS), None, person="U3")
    chosen = choice(shop, "every two months")
    with monkeypatch.context() as patch:
        patch.setattr(Triplets, "list", None)  # of tens of thousands those of one question are read
        assert triage_of(shop).pick(chosen) is None
    assert statuses(shop) == {"every 200 cups": "rejected", "every two months": "approved", None: "rejected"}
    assert [triplet.conflict for triplet in shop.triplets()] == [None] * 3


def test_picking_rejects_an_answer_approved_before_but_none_that_agrees_and_no_negative(tmp_path):
    other = passage(DESCALE, path="meridio-500.md")
    shop = Shop(tmp_path, passages=(CARE, WATER, LAMPS, other))
    shop.up(shop.ask(span="every two months", of=WATER), "U1")
    triage_of(shop).settle([seen(shop)], "approved")
    shop.up(shop.ask(), "U2")
    shop.up(shop.ask(of=other), "U3")
    shop.down(shop.ask(span="A red light", of=LAMPS), "U4")
    right = next(triplet for triplet in shop.triplets() if triplet.passage_id == CARE.id)
    rest = [Seen.of(each) for each in shop.triplets() if each.id != right.id]
    approved = sign_of_approved((each for each in shop.triplets() if each.status == "approved"), right)
    assert triage_of(shop).pick(Choice(Seen.of(right), tuple(rest))) == Missed.disputed  # it waited, then
    assert triage_of(shop).pick(Choice(Seen.of(right), tuple(rest), approved)) is None
    assert sorted((t.manual, t.answer, t.status) for t in shop.triplets()) == [
        ("meridio-500.md", "every 200 cups", "pending"),
        ("meridio.md", "A red light", "pending"),
        ("meridio.md", "every 200 cups", "approved"),
        ("meridio.md", "every two months", "rejected"),
    ]
    shop.store.close()


def test_picking_what_was_rejected_or_is_gone_decides_nothing(shop):
    first = shop.ask()
    shop.up(first, "U1")
    shop.up(shop.ask(span="every two months", of=WATER), "U2")
    one, other = seen(shop, "every 200 cups"), seen(shop, "every two months")
    assert triage_of(shop).pick(Choice(one, (other,))) is None
    assert triage_of(shop).pick(Choice(other, (one,))) == Missed.rejected
    shop.take_back(first, "U1")
    assert triage_of(shop).pick(Choice(one, (other,))) == Missed.gone
    assert statuses(shop) == {"every two months": "rejected"}


def test_an_amendment_of_what_was_seen_may_name_one_of_equal_words(shop):
    twice = passage("Press OK. Wait. Press OK.")
    shop.passages = (twice,)
    shop.up(shop.ask(of=twice, span="Wait."))
    amendment = Amendment(answer="Press OK.", start=16)
    assert triage_of(shop).amend(seen(shop), amendment) is None
    assert (shop.only().status, shop.only().start, shop.only().edited) == ("approved", 16, True)


def test_an_amendment_that_cannot_be_leaves_the_triplet_waiting(shop):
    shop.up(shop.ask())
    with pytest.raises(DataError, match="stands in no manual"):
        triage_of(shop).amend(seen(shop), Amendment(answer="no such words"))
    assert shop.only().status == "pending"


def test_nothing_is_decided_about_an_answer_that_was_edited_meanwhile(shop):
    shop.up(shop.ask(), "U1")
    shop.up(shop.ask(span="every two months", of=WATER), "U2")
    one, other = seen(shop, "every 200 cups"), seen(shop, "every two months")
    assert triage_of(shop).amend(one, Amendment(answer="Put in one tablet.")) is None
    assert triage_of(shop).pick(Choice(one, (other,))) == Missed.approved
    assert triage_of(shop).settle([one], "approved") == {one: Missed.approved}
    assert statuses(shop) == {"Put in one tablet.": "approved", "every two months": "pending"}
    assert triage_of(shop).pick(Choice(other, (one,))) == Missed.disputed
    assert statuses(shop) == {"Put in one tablet.": "approved", "every two months": "pending"}


def test_picking_rejects_no_answer_that_came_since(shop):
    shop.up(shop.ask(), "U1")
    shop.up(shop.ask(span="every two months", of=WATER), "U2")
    shown = choice(shop, "every 200 cups")
    for person in ("U3", "U4"):
        shop.up(shop.ask(span="A red light", of=LAMPS), person)
    assert triage_of(shop).pick(shown) is None
    assert statuses(shop) == {
        "every 200 cups": "approved",
        "every two months": "rejected",
        "A red light": "pending",
    }
