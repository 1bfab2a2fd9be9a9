"""What a retraining freezes of an installation."""

from __future__ import annotations

import pytest
from fakes_votes import Shop

from training.measuring.questions import fold_heading
from training.retraining.material import N_LOGGED, contradicted, logged_questions
from training.retraining.rehearsal import LoggedQuestion


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path)
    yield shop
    shop.store.close()


def give(shop, questions, answer="not read"):
    """One answer a question, a second apart, without what was found: nobody may read that."""
    rows = [
        (
            f"a{n}",
            question,
            product,
            f"2026-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000+00:00",
            answer,
        )
        for n, (question, product) in enumerate(questions)
    ]
    with shop.store.transaction() as db:
        db.conn.executemany(
            "INSERT INTO answers (id, question, product, created_at, asked_by, answer, release_id,"
            " confidence, declined) VALUES (?, ?, ?, ?, 'U1', ?, 'r1', 0.5, 0)",
            rows,
        )


def test_the_questions_asked_come_latest_first_and_masked(shop):
    give(shop, [("How often?", "Meridio 300"), ("Which filter? jo@example.com", None)])
    assert logged_questions(shop.store) == (
        LoggedQuestion("Which filter? [email]", None),
        LoggedQuestion("How often?", "Meridio 300"),
    )


def test_of_very_many_questions_the_latest_are_taken(shop):
    give(shop, [(f"Question {n}?", None) for n in range(N_LOGGED + 2)])
    logged = logged_questions(shop.store)
    assert [logged[0].text, logged[-1].text, len(logged)] == [
        f"Question {N_LOGGED + 1}?",
        "Question 2?",
        N_LOGGED,
    ]


def test_what_somebody_found_wrong_is_no_truth_and_not_read_whole(shop):
    questions = [("How often?", None), ("Ask jo@example.com?", None), ("Which filter?", None), ("Why?", None)]
    give(shop, questions, answer='{"hits": [], "span": null, "shown": null}')
    shop.down("a0")
    shop.up("a2")
    shop.correct("a1", None)
    shop.down("gone")
    assert contradicted(shop.store) == {fold_heading("How often?"), fold_heading("Ask [email]?")}
