import json
from dataclasses import replace

import pytest
from fakes_votes import CARE, WATER, Shop
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.errors import DataError
from training.feedback.claims import question_key, short_hash
from training.feedback.gone_answers import forget_what_is_gone
from training.feedback.new_facts import fingerprint
from training.feedback.triage import Amendment, Triage
from training.feedback.triplet import Rules, Triplet
from training.feedback.triplet_facts import read_facts, save_imported
from training.feedback.triplet_files import read_triplets, to_jsonl, to_squad, write_triplets
from training.reading.evaluate_reader import read_squad
from training.reading.loading import load_triplets
from training.triplets import TIED

BAD = '{{"question": "q", "context": "c", "answer": "c", {}}}'
TEXTS = st.text(st.characters(exclude_categories=["Cs"], codec="utf-8"), min_size=1).filter(str.strip)
NAMES = st.one_of(st.none(), st.from_regex(r"[a-z]{1,8}\.md", fullmatch=True))


@st.composite
def triplets(draw):
    question = draw(st.from_regex(r"[A-Za-z é“]{1,30}\?", fullmatch=True))
    context, product = draw(TEXTS), draw(NAMES)
    kind = draw(st.sampled_from(["answer", "unanswerable", "negative"]))
    words = draw(st.sampled_from(context.split()))
    start = context.index(words)
    spanless = kind == "unanswerable"
    key, passage_id = question_key(question, product), short_hash(context)
    return Triplet(
        id=short_hash(key, passage_id),
        question=question,
        context=context,
        start=None if spanless else start,
        end=None if spanless else start + len(words),
        kind=kind,
        status=draw(st.sampled_from(["pending", "approved", "rejected", "stale"])),
        provenance="import",
        question_key=key,
        passage_id=passage_id,
        heading_path=tuple(draw(st.lists(TEXTS, max_size=2))),
        manual=draw(NAMES),
        manual_version=draw(st.sampled_from([None, "1.0", "2"])),
        product=product,
        shown=draw(st.one_of(st.none(), TEXTS)),
        n_up=draw(st.integers(0, 9)),
        n_down=draw(st.integers(0, 9)),
        conflict=draw(st.sampled_from([None, "another answer was found right: “x”"])),
        edited=draw(st.booleans()),
        answer_ids=tuple(draw(st.lists(st.sampled_from("abc"), max_size=2))),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@settings(deadline=None, max_examples=60)
@given(st.lists(triplets(), min_size=1, max_size=4, unique_by=lambda t: t.id))
def test_nothing_is_lost_on_the_way_out_and_in_again(folder, given_triplets):
    expected = sorted(given_triplets, key=lambda t: t.id)
    for name, text in (("t.jsonl", to_jsonl(expected)), ("t.json", to_squad(expected))):
        write_triplets(folder / name, text)
        assert sorted(read_triplets(folder / name), key=lambda t: t.id) == expected


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    shop.store.close()


def voted(shop):
    shop.up(shop.ask(product="Meridio 300"))
    shop.down(shop.ask("Which filter?", span="filters", of=WATER))
    shop.correct(shop.ask("Does it make tea?"), None)
    return shop.triplets()


@pytest.mark.parametrize("name", ["out.json", "out.jsonl"])
def test_another_installation_gets_the_same_triplets_with_provenance_import(shop, tmp_path, name):
    exported = voted(shop)
    Triage(shop.open()).approve(exported[0].id)
    exported = shop.triplets()
    path = tmp_path / name
    write_triplets(path, (to_jsonl if name.endswith("l") else to_squad)(exported))

    other = Shop(tmp_path / "other")
    assert other.open().add_imported(read_triplets(path)) == 3
    assert other.triplets() == tuple(replace(triplet, provenance="import") for triplet in exported)
    assert other.open().add_imported(read_triplets(path)) == 0
    other.store.close()


def test_squad_has_its_own_fields_for_answers_and_for_questions_without_one(shop):
    by_question = {
        question["question"]: (paragraph["context"], question)
        for article in json.loads(to_squad(voted(shop)))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    }
    context, answered = by_question["How often must I descale?"]
    assert answered["answers"] == [{"text": "every 200 cups", "answer_start": 20}]
    assert (context, answered["is_impossible"]) == (CARE.text, False)
    unanswerable = by_question["Does it make tea?"][1]
    assert (unanswerable["answers"], unanswerable["is_impossible"]) == ([], True)
    negative = by_question["Which filter?"][1]
    assert (negative["answers"], negative["is_impossible"]) == ([], True)
    assert negative["plausible_answers"] == [{"text": "filters", "answer_start": WATER.text.index("filters")}]


def test_a_file_of_another_program_is_approved_masked_and_found_in_the_manuals(shop, tmp_path):
    path = tmp_path / "squad.json"
    questions = [
        {
            "id": "q1",
            "question": "How often? jo@ex.com",
            "answers": [{"text": "every 200 cups", "answer_start": 20}],
        },
        {"id": "q2", "question": "Tea?", "answers": [], "is_impossible": True},
    ]
    elsewhere = [{"id": "q3", "question": "Who?", "answers": [{"text": "Nobody", "answer_start": 0}]}]
    paragraphs = [{"context": CARE.text, "qas": questions}, {"context": "Nobody knows.", "qas": elsewhere}]
    path.write_text(json.dumps({"version": "1.1", "data": [{"title": "X", "paragraphs": paragraphs}]}))
    assert shop.open().add_imported(read_triplets(path)) == 3
    by_question = {triplet.question: triplet for triplet in shop.triplets()}
    found = by_question["How often? [email]"]
    assert (found.status, found.provenance, found.passage_id) == ("approved", "import", CARE.id)
    assert (found.heading_path, found.manual) == (("Meridio", "Care"), "meridio.md")
    assert (by_question["Tea?"].kind, by_question["Tea?"].status) == ("unanswerable", "approved")
    assert by_question["Who?"].status == "stale"


def test_imported_answers_that_contradict_one_another_wait_for_an_admin(shop, tmp_path):
    path = tmp_path / "t.jsonl"
    record = {"question": "How often?", "context": CARE.text, "answer": "every 200 cups"}
    other = {"question": "How often?", "context": WATER.text, "answer": "every two months"}
    path.write_text(f"{json.dumps(record)}\n{json.dumps(other)}\n")
    shop.open().add_imported(read_triplets(path))
    assert sorted((t.answer, t.status, t.conflict) for t in shop.triplets()) == [
        ("every 200 cups", "pending", "another answer was found right: “every two months”"),
        ("every two months", "pending", "another answer was found right: “every 200 cups”"),
    ]
    right = next(t for t in shop.triplets() if t.answer == "every two months")
    Triage(shop.open()).approve(right.id)
    assert sorted((t.answer, t.status) for t in shop.triplets()) == [
        ("every 200 cups", "pending"),
        ("every two months", "approved"),
    ]


def test_an_imported_answer_that_people_contradict_stays_approved(shop, tmp_path):
    path = tmp_path / "t.jsonl"
    record = {"question": "How often must I descale?", "context": CARE.text, "answer": "every 200 cups"}
    path.write_text(json.dumps(record))
    shop.open().add_imported(read_triplets(path))
    shop.up(shop.ask(span="every two months", of=WATER))
    assert sorted((t.answer, t.status, t.conflict is None) for t in shop.triplets()) == [
        ("every 200 cups", "approved", True),
        ("every two months", "pending", False),
    ]


def exported(shop, tmp_path, **changes):
    """The triplets of a shop as its file brings them, with what somebody changed in it."""
    path = tmp_path / "export.jsonl"
    records = [json.loads(line) | changes for line in to_jsonl(shop.triplets()).splitlines()]
    write_triplets(path, "".join(f"{json.dumps(record)}\n" for record in records))
    return read_triplets(path)


@pytest.fixture
def elsewhere(tmp_path):
    shop = Shop(tmp_path / "elsewhere")
    yield shop
    shop.store.close()


def test_an_import_that_people_vote_for_too_is_one_triplet(shop, elsewhere, tmp_path):
    theirs, ours = elsewhere.ask(), shop.ask()
    elsewhere.up(theirs)
    shop.open().add_imported(exported(elsewhere, tmp_path))
    shop.up(ours)
    assert (shop.only().provenance, shop.only().status, shop.only().n_up) == ("vote", "pending", 1)
    assert shop.only().answer_ids == tuple(sorted((theirs, ours)))


def test_a_vote_taken_back_stays_so_when_ones_own_export_is_imported(shop, tmp_path):
    answer_id = shop.ask()
    shop.up(answer_id)
    Triage(shop.open()).approve(shop.only().id)
    own = exported(shop, tmp_path)
    shop.take_back(answer_id)
    assert shop.open().add_imported(own) == 0
    assert shop.triplets() == ()


def test_votes_count_as_before_when_ones_own_export_was_imported(shop, tmp_path):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    Triage(shop.open()).approve(shop.only().id)
    shop.open().add_imported(exported(shop, tmp_path))
    for n in range(1, 6):
        shop.down(answer_id, f"U{n}")
    assert (shop.only().kind, shop.only().status, shop.only().n_down) == ("negative", "pending", 5)


def test_a_conflict_that_votes_settled_does_not_come_back_with_ones_own_export(shop, tmp_path):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.down(answer_id, "U2")
    assert shop.only().conflict == TIED
    shop.open().add_imported(exported(shop, tmp_path))
    shop.up(answer_id, "U3")
    assert (shop.only().n_up, shop.only().n_down, shop.only().conflict) == (2, 1, None)


def test_ones_own_export_that_was_imported_by_an_earlier_version_counts_no_more(shop, tmp_path):
    answer_id = shop.ask()
    shop.up(answer_id)
    save_imported(shop.store, exported(shop, tmp_path, status="approved"))
    assert shop.only().status == "pending"
    shop.take_back(answer_id)
    assert shop.triplets() == ()


def test_an_answer_edited_by_an_admin_does_not_come_back_with_ones_own_export(shop, tmp_path):
    answer_id = shop.ask()
    shop.up(answer_id)
    edit = Amendment(question="When is descaling due?", answer="Put in one tablet.")
    Triage(shop.open()).edit(shop.only().id, edit)
    assert shop.open().add_imported(exported(shop, tmp_path)) == 0
    assert (shop.only().question, shop.only().provenance) == ("When is descaling due?", "vote")
    shop.take_back(answer_id)
    assert shop.triplets() == ()


def test_a_question_changed_in_the_file_arrives_as_that_question(shop, tmp_path):
    shop.up(shop.ask(product="Meridio 300"))
    changed = exported(shop, tmp_path, question="When is descaling due?")
    assert shop.open().add_imported(changed) == 1
    assert sorted((t.question, t.question_key, t.provenance) for t in shop.triplets()) == [
        ("How often must I descale?", question_key("How often must I descale?", "Meridio 300"), "vote"),
        ("When is descaling due?", question_key("When is descaling due?", "Meridio 300"), "import"),
    ]


def test_a_question_in_a_file_is_not_taken_for_another_one_whose_key_it_names(shop, elsewhere, tmp_path):
    elsewhere.up(elsewhere.ask("Which filter?", span="filters", of=WATER))
    shop.up(shop.ask())
    own_key = shop.only().question_key
    shop.open().add_imported(exported(elsewhere, tmp_path, question_key=own_key))
    assert sorted((t.question, t.question_key, t.conflict) for t in shop.triplets()) == [
        ("How often must I descale?", own_key, None),
        ("Which filter?", question_key("Which filter?", None), None),
    ]


def test_an_admins_wording_arrives_elsewhere_where_people_ask_the_question_as_it_was(
    shop, elsewhere, tmp_path
):
    elsewhere.up(elsewhere.ask())
    Triage(elsewhere.open()).edit(elsewhere.only().id, Amendment(question="When is descaling due?"))
    shop.open().add_imported(exported(elsewhere, tmp_path))
    shop.up(shop.ask())
    assert sorted((t.question, t.provenance, t.edited) for t in shop.triplets()) == [
        ("How often must I descale?", "vote", False),
        ("When is descaling due?", "import", True),
    ]


def test_a_forgotten_question_does_not_come_back_with_an_old_export(shop, tmp_path):
    shop.up(shop.ask(asked_by="U7"), "U1")
    own = exported(shop, tmp_path)
    shop.answers.forget("U7")
    assert shop.open().add_imported(own) == 0
    assert shop.triplets() == ()
    assert shop.store.rows("SELECT * FROM imported_triplets") == []


@pytest.mark.parametrize("question", ["How often must I descale?", "When is descaling due?"])
def test_an_import_is_forgotten_with_the_question_that_it_was_made_of(shop, tmp_path, question):
    shop.up(shop.ask(asked_by="U7"), "U1")
    kept = shop.ask("Which filter?", span="filters", of=WATER)
    shop.up(kept)
    save_imported(shop.store, exported(shop, tmp_path, question=question))
    shop.answers.forget("U7")
    assert [(t.question, t.answer_ids) for t in shop.triplets() if t.provenance != "import"] == [
        ("Which filter?", (kept,))
    ]
    left = [json.loads(row["content"]) for row in shop.store.rows("SELECT content FROM imported_triplets")]
    assert [each["answer_ids"] for each in left] == [[kept]]


def test_of_a_forgotten_answer_the_bare_id_is_kept(shop):
    answer_id = shop.ask(asked_by="U7")
    shop.up(answer_id, "U1")
    assert len(shop.triplets()) == 1
    shop.answers.forget("U7")
    shop.triplets()
    assert shop.store.rows("SELECT * FROM gone_answers") == [{"arrival": 1, "answer_id": answer_id}]


def test_what_was_derived_while_somebody_was_forgotten_is_derived_again(shop):
    shop.up(shop.ask(asked_by="U7"), "U1")
    read_facts(shop.store)
    before = fingerprint(shop.store)
    shop.answers.forget("U7")
    assert forget_what_is_gone(shop.store) == 1
    assert fingerprint(shop.store) != before


def test_a_tie_stays_one_whatever_an_import_that_waits_says(tmp_path, elsewhere):
    shop = Shop(tmp_path / "all", Rules(approve_all=True))
    elsewhere.up(elsewhere.ask())
    shop.open().add_imported(exported(elsewhere, tmp_path, conflict="another answer was found right: “x”"))
    assert (shop.only().status, shop.only().conflict) == ("pending", "another answer was found right: “x”")
    shop.open().add_imported(exported(elsewhere, tmp_path))
    assert (shop.only().status, shop.only().conflict) == ("approved", None)
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.down(answer_id, "U2")
    assert (shop.only().status, shop.only().conflict, shop.only().trainable) == ("pending", TIED, False)
    shop.store.close()


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"question": "q", "context": "c c", "answer": "x"}', "'x' does not stand in its context"),
        ('{"question": "q", "answer": "x"}', "it has no 'context'"),
        ('{"question": " ", "context": "c", "answer": "c"}', "its question is empty"),
        (
            '{"question": "q", "context": "c", "answer": "c", "status": "good"}',
            "its status is 'good', not one of",
        ),
        (
            '{"question": "q", "context": "c", "answer": "c", "kind": "unanswerable"}',
            "its kind is 'unanswerable'",
        ),
        ('{"question": "q", "context": "c", "answer": "c", "n_up": -1}', "its n_up is -1"),
        ('{"question": "q", "context": "c", "answer": "c", "heading_path": "h"}', "its heading_path is 'h'"),
        ('{"question": "q", "context": "c d", "answer": "d", "start": 0, "end": 1}', "does not stand"),
        (
            '{"question": "q", "context": "c d", "answer": "d", "start": 2, "end": 9}',
            "from 2 to 9 of its context",
        ),
        ('{"question": "q", "context": "c d", "answer": "d", "start": 3}', "does not stand at offset 3"),
        ('{"question": "q", "context": "😀 d", "answer": "d", "start": 3}', "does not stand at offset 3"),
        (
            '{"question": "q", "context": "c", "answer": "c", "edited": "yes"}',
            "its edited is 'yes', not",
        ),
        ('{"question": "q", "context": "c", "answer": "c", "conflict": true}', "its conflict is True, not a"),
        (BAD.format('"shown": "caf\\ud83d"'), "its shown holds half a character at offset 3"),
        (BAD.format('"product": "\\ud83d"'), "its product holds half a character at offset 0"),
        (BAD.format('"heading_path": ["a", "\\udc00"]'), "its heading_path holds half a character"),
        (BAD.format('"answer_ids": ["\\udc00"]'), "its answer_ids holds half a character"),
        (BAD.format(f'"n_up": {2**63}'), "its n_up is 9223372036854775808, not a whole number of people"),
        ("[1]", "it is list, not an object"),
        ("{", "it is not JSON"),
    ],
)
def test_a_wrong_record_is_named_and_nothing_is_imported(tmp_path, line, complaint):
    path = tmp_path / "t.jsonl"
    path.write_text('{"question": "q", "context": "c", "answer": "c"}\n\n' + line + "\n")
    with pytest.raises(DataError) as caught:
        read_triplets(path)
    assert "1 record is no triplet; nothing was imported\n  line 3 of t.jsonl: " in str(caught.value)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("content", ["[]", '{"data": []}', '{"data": [{"title": "a", "paragraphs": []}]}'])
def test_a_file_without_a_record_is_an_error(tmp_path, content):
    path = tmp_path / "t.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"t\.json holds no question\. Give at least one triplet"):
        read_triplets(path)


MARKS = [
    ({}, None),
    ({"kind": "negative"}, "its answer is a wrong one (kind 'negative')"),
    ({"status": "pending"}, "its status is 'pending', not 'approved'"),
    ({"status": "rejected"}, "its status is 'rejected', not 'approved'"),
    ({"status": "stale"}, "its status is 'stale', not 'approved'"),
    ({"conflict": TIED}, f"it is in conflict: {TIED}"),
    ({"kind": "unanswerable", "start": None, "end": None}, None),
]


@pytest.mark.parametrize(("name", "to_text"), [("t.jsonl", to_jsonl), ("t.json", to_squad)])
def test_of_an_export_only_what_is_right_and_approved_is_fine_tuned_on(tmp_path, name, to_text):
    approved = {"kind": "answer", "status": "approved", "provenance": "vote", "start": 4, "end": 13}
    exported = [
        Triplet(f"id{n}", f"Which filter {n}?", "Use filter F4.", question_key=f"key{n}", **approved | marks)
        for n, (marks, _) in enumerate(MARKS)
    ]
    write_triplets(tmp_path / name, to_text(exported))
    loaded = load_triplets(tmp_path / name)
    assert [(e.id, e.answer) for e in loaded.examples] == [("id0", "filter F4"), ("id6", None)]
    assert [left.reason for left in loaded.left_out] == [reason for _, reason in MARKS if reason]
    measured_on = [each.question for each in read_squad(tmp_path / name)]
    assert measured_on == ["Which filter 0?", "Which filter 6?"]


@pytest.mark.parametrize("read", [load_triplets, read_squad])
def test_an_export_without_a_lesson_is_refused_with_the_first_reason(tmp_path, read):
    path = tmp_path / "t.jsonl"
    path.write_text('{"question": "q", "context": "c", "answer": "c", "kind": "negative"}\n')
    with pytest.raises(DataError, match=r"can be used; line 1 of t\.jsonl: its answer is a wrong one"):
        read(path)


@pytest.mark.parametrize(("first", "second"), [("answer", "negative"), ("negative", "answer")])
def test_an_answer_that_another_record_calls_wrong_is_named_with_it(tmp_path, first, second):
    path = tmp_path / "t.jsonl"
    lines = [
        {"question": "Which filter?", "context": "Use filter F4.", "answer": "filter F4", "kind": first},
        {"question": "Which one?", "context": "Use filter F4.", "answer": "filter F4", "kind": "answer"},
        {"question": "which FILTER", "context": "Use filter F4.", "answer": "F4", "kind": "negative"},
        {"question": "which FILTER", "context": "Use filter F4.", "answer": "filter F4", "kind": second},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(DataError) as caught:
        read_triplets(path)
    assert "1 record is no triplet; nothing was imported\n  line 4 of t.jsonl: " in str(caught.value)
    assert f"its kind is '{second}', and that of line 1 of t.jsonl, with the same" in str(caught.value)


def test_a_record_that_stands_twice_is_imported(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"question": "q", "context": "c", "answer": "c"}\n' * 2)
    assert len(read_triplets(path)) == 2


def test_of_many_wrong_records_the_first_are_named_and_the_rest_counted(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"question": "q"}\n' * 25)
    with pytest.raises(DataError, match=r"25 records are no triplet(?s:.*)line 10 of(?s:.*)and 15 more$"):
        read_triplets(path)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        write_triplets(tmp_path / "file" / "t.json", "")


def test_line_ends_of_all_kinds_and_emoji_in_texts_do_not_move_offsets(tmp_path):
    context = "First line.\r\nSecond 🔥 line\u2028third\x85fourth. End"
    record = {"question": "Which? 🔥", "context": context, "answer": "End", "start": context.index("End")}
    path = tmp_path / "t.jsonl"
    line = json.dumps(record, ensure_ascii=False) + "\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + line.encode() * 2)
    assert [(t.question, t.answer, t.start, t.end) for t in read_triplets(path)] == [
        ("Which? 🔥", "End", context.index("End"), len(context))
    ] * 2


def test_what_was_once_imported_and_stopped_every_derivation_is_put_right(elsewhere, tmp_path):
    elsewhere.up(elsewhere.ask())
    shop = Shop(tmp_path / "own")
    shop.open().add_imported(exported(elsewhere, tmp_path))
    [row] = shop.store.rows("SELECT content FROM imported_triplets")
    imported = {**json.loads(row["content"]), "shown": "caf\ud83d 😀", "n_up": 2**70}
    edit = {"question": "caf\udce9?", "claim": None}
    with shop.store.transaction() as db:
        db.execute("UPDATE imported_triplets SET content = ?", [json.dumps(imported)])
        db.execute(
            "INSERT INTO triplet_decisions (key, status, edit, revision) VALUES ('k', 'rejected', ?, 1)",
            [json.dumps(edit)],
        )
        db.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm015_%'")  # as an earlier version left it
    shop.store.close()

    shop = Shop(tmp_path / "own")

    [edited] = shop.store.rows("SELECT json_extract(edit, '$.question') AS question FROM triplet_decisions")
    assert edited["question"] == "caf??"
    with shop.store.transaction() as db:
        db.execute("DELETE FROM triplet_decisions")
    assert (shop.only().shown, shop.only().n_up) == ("caf? 😀", 2**63 - 1)
    shop.store.close()
