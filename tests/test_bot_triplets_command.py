"""`manualbot triplets` on a real store; no index is needed."""

from __future__ import annotations

import json

import pytest
from fakes_votes import WATER, Shop

import bot.opening
from bot.cli import main
from training.feedback.triplet import Rules
from training.settings import TrainingSettings


@pytest.fixture
def shop(tmp_path, monkeypatch):
    shop = Shop(tmp_path)
    monkeypatch.setattr(bot.opening, "open_triplets", shop.open)
    monkeypatch.setenv("MANUALBOT_HOME", str(tmp_path))
    yield shop
    shop.store.close()


def test_list_shows_what_waits_and_why(shop, capsys):
    answer_id = shop.ask()
    shop.up(answer_id, "U1")
    shop.down(answer_id, "U2")
    shop.down(shop.ask("Which filter?", span="filters", of=WATER))
    assert main(["triplets", "list"]) == 0
    summary, header, tied, negative = capsys.readouterr().out.splitlines()
    assert summary == "2 triplets: 2 pending; 1 in conflict"
    assert " ".join(header.split()) == "triplet status kind from votes question answer to decide"
    assert "+1 −1" in tied
    assert tied.endswith("as many people find it wrong as right")
    assert "not: filters" in negative


def test_list_can_be_narrowed_and_is_json_on_demand(shop, capsys):
    shop.up(shop.ask())
    assert main(["triplets", "list", "--status", "approved"]) == 0
    assert capsys.readouterr().out == "0 triplets\n"
    assert main(["triplets", "list", "--json"]) == 0
    [triplet] = json.loads(capsys.readouterr().out)
    assert (triplet["question"], triplet["answer"], triplet["status"]) == (
        "How often must I descale?",
        "every 200 cups",
        "pending",
    )


def test_list_says_how_many_wait_for_more_people(shop, monkeypatch, capsys):
    shop.rules = Rules(min_voters=2)
    monkeypatch.setenv("MANUALBOT_MIN_VOTERS", "2")
    answer_id = shop.ask()
    shop.down(answer_id, "U1")
    shop.correct(answer_id, "Put in one tablet.", person="U1")
    assert main(["triplets", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "0 triplets",
        "1 more waits until 2 people say the same (MANUALBOT_MIN_VOTERS)",
    ]
    again = shop.ask()
    shop.down(again, "U2")
    shop.correct(again, "Put in one tablet.", person="U2")
    assert main(["triplets", "list"]) == 0
    assert "until 2 people" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["out.json", "out.jsonl"])
def test_export_and_import_make_the_round(shop, tmp_path, capsys, name):
    answer_id = shop.ask()
    shop.up(answer_id)
    path = tmp_path / name
    assert main(["triplets", "export", str(path)]) == 0
    assert main(["triplets", "import", str(path)]) == 0
    path.write_text(path.read_text().replace(answer_id, "f" * 32))  # as if another installation gave it
    assert main(["triplets", "import", str(path)]) == 0
    assert main(["triplets", "import", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"1 triplet in {path}",
        "0 new triplets, 1 known already",
        "1 new triplet, 0 known already",
        "0 new triplets, 1 known already",
    ]


def test_export_writes_the_format_that_is_asked_for(shop, tmp_path):
    shop.up(shop.ask())
    assert main(["triplets", "export", str(tmp_path / "out.txt"), "--format", "jsonl"]) == 0
    assert json.loads((tmp_path / "out.txt").read_text())["answer"] == "every 200 cups"


def test_import_says_what_stands_in_no_manual(shop, tmp_path, capsys):
    (tmp_path / "t.jsonl").write_text(
        '{"question": "Who?", "context": "Nobody knows.", "answer": "Nobody"}\n'
    )
    assert main(["triplets", "import", str(tmp_path / "t.jsonl")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 new triplet, 0 known already",
        "1 imported triplet wait: no manual of today has their text",
    ]
    assert shop.only().status == "stale"


def test_a_wrong_file_is_an_error_of_one_line_a_record(shop, tmp_path, capsys):
    (tmp_path / "t.jsonl").write_text('{"question": "Who?"}\n')
    assert main(["triplets", "import", str(tmp_path / "t.jsonl")]) == 1
    assert "line 1 of t.jsonl: it has no 'context'" in capsys.readouterr().err
    assert shop.triplets() == ()


def test_triplets_are_approved_rejected_and_edited_by_their_ids(shop, capsys):
    shop.up(shop.ask())
    triplet_id = shop.only().id
    assert main(["triplets", "approve", triplet_id]) == 0
    assert main(["triplets", "reject", triplet_id]) == 0
    assert main(["triplets", "edit", triplet_id, "--answer", "Put in one tablet."]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{triplet_id} is approved: How often must I descale? → every 200 cups",
        f"{triplet_id} is rejected: How often must I descale? → every 200 cups",
        f"{triplet_id} is approved: How often must I descale? → Put in one tablet.",
    ]
    assert shop.only().trainable


def test_an_unknown_triplet_is_an_error(shop, capsys):
    shop.up(shop.ask())
    assert main(["triplets", "approve", "nope"]) == 1
    assert capsys.readouterr().err.startswith("manualbot: There is no triplet nope;")


def test_the_rules_come_from_the_environment():
    env = {"MANUALBOT_MIN_VOTERS": "2", "MANUALBOT_VOTES_PER_PERSON": "9", "MANUALBOT_APPROVAL": "all"}
    assert TrainingSettings.load(env, None).rules == Rules(min_voters=2, cap_per_person=9, approve_all=True)
    assert TrainingSettings.load({}, None).rules == Rules()
