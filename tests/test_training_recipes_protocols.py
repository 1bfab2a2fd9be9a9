"""The protocols on a tiny data folder of the same shape, with an engine that answers by rule."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.types import Answer, Excerpt, Hit, Manual, Passage, Section, Span
from training.evaluate import Outcome
from training.measuring.questions import Question
from training.recipes import out_of_corpus
from training.recipes.halves import split_halves
from training.recipes.out_of_corpus import (
    decline_rate,
    heading_question,
    heading_tokens,
    is_shared,
    phone_headings,
    sample_phone_questions,
)
from training.recipes.protocols import Spread, as_json, decline_table, outcome_text, run, tv_table
from training.recipes.tv_remote import read_tv_questions

TV_MANUAL = "# Smart TV\n\n## Changing the sound mode\n\nPress HOME.\n\n## Samsung Account\n\nSign in.\n"
PHONE = "<h1>Galaxy</h1><h2>Delete a contact</h2><h2>Sound mode</h2><h2>Edge panels</h2>"


class RuleEngine:
    """Cites the section `Changing the sound mode`; sure of itself where the question says `sound`."""

    def __init__(self, manuals: Sequence[Path]) -> None:
        self.manuals = [path.name for path in manuals]
        self.asked: list[str] = []

    def ask(self, question: str, product: str | None = None, decline: bool = True) -> Answer:
        assert product is None
        assert not decline
        self.asked.append(question)
        manual = Manual("m", "/data", "manual.md", "Smart TV", "TV", None, None, "0" * 64)
        section = Section(("Smart TV", "Changing the sound mode"), "Press HOME.")
        hit = Hit(Passage("p", manual, section, 0, 11), 1.0, 0.5, 2.0)
        confidence = 0.9 if "sound" in question.lower() else 0.2
        return Answer(question, Span(0, 10, 1.0), Excerpt(0, 11), confidence, 0.5, (hit,), "r1", 20.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tv, phones = tmp_path / "tv-remote", tmp_path / "galaxy-manuals"
    tv.mkdir()
    phones.mkdir()
    (tv / "manual.md").write_text(TV_MANUAL)
    records = [
        {
            "question": "How to set the sound?",
            "answers": ["Press HOME."],
            "section": "changing the sound MODE!",
        },
        {"question": "Which sound?", "answers": ["Press HOME."], "section": "Lost heading"},
        {"question": "How to sign in?", "answers": ["Choose Sign in."], "section": "Samsung Account"},
        {"question": "Where is my account?", "answers": ["Choose Sign in."], "section": "Samsung Account"},
    ]
    rest = [{"id": f"tv{i}", "kind": "Normal Q&A", "group": i // 2} for i in range(4)]
    lines = [json.dumps(record | more) for record, more in zip(records, rest, strict=True)]
    (tv / "questions.jsonl").write_text("\n".join(lines) + "\n")
    for name in (*out_of_corpus.PHONES, "Galaxy_1.html", "Galaxy_2.html", "Galaxy_3.html"):
        (phones / name).write_text(PHONE)
    return tmp_path


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(0, 5))
def test_halves_hold_every_question_once_and_whole_groups(groups: list[int], seed: int) -> None:
    halves = split_halves(groups, seed)
    assert sorted(halves.a + halves.b) == list(range(len(groups)))
    assert not {groups[i] for i in halves.a} & {groups[i] for i in halves.b}


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(0, 5))
def test_halves_differ_by_no_more_than_the_largest_group(groups: list[int], seed: int) -> None:
    halves = split_halves(groups, seed)
    assert abs(len(halves.a) - len(halves.b)) <= max(Counter(groups).values())


def test_halves_are_the_same_for_a_seed_and_differ_between_seeds() -> None:
    groups = [i // 3 for i in range(60)]
    assert split_halves(groups, 1) == split_halves(groups, 1)
    assert len({split_halves(groups, seed) for seed in range(3)}) == 3
    assert len(split_halves(groups, 0).a) == 30


def test_a_section_counts_only_if_it_is_a_heading_of_the_manual(data: Path) -> None:
    questions = read_tv_questions(data)
    assert [q.question.section for q in questions] == [
        "changing the sound MODE!",
        None,
        "Samsung Account",
        "Samsung Account",
    ]
    assert questions[1].annotated_section == "Lost heading"
    assert [q.group for q in questions] == [0, 0, 1, 1]


def test_each_half_is_measured_without_asking_again(data: Path) -> None:
    """Group 0 is right and sure, group 1 wrong and unsure: whichever is half B, A is the other."""
    engines: list[RuleEngine] = []

    def open_engine(manuals: Sequence[Path]) -> RuleEngine:
        engines.append(RuleEngine(manuals))
        return engines[-1]

    [report], rates = run(data, ["tv"], open_engine)
    assert [engine.manuals for engine in engines] == [["manual.md"]]
    assert len(engines[0].asked) == 4
    assert rates == []
    assert report.whole.value("section_hit_at_1") == pytest.approx(1 / 3)
    assert report.whole.value("shown_rouge_l") == pytest.approx(2 / 4)
    assert report.whole.value("declined") == 0.5
    assert report.whole.value("precision") == 1.0
    in_b = [float(0 in split_halves([0, 0, 1, 1], seed).b) for seed in (0, 1, 2)]
    assert report.half_b["shown_rouge_l"] == Spread(sum(in_b) / 3, min(in_b), max(in_b))
    assert report.half_a["shown_rouge_l"].mean == pytest.approx(1 - sum(in_b) / 3)


def test_distractors_index_all_phone_manuals_beside_the_tvs(data: Path) -> None:
    engines: list[RuleEngine] = []

    def open_engine(manuals: Sequence[Path]) -> RuleEngine:
        engines.append(RuleEngine(manuals))
        return engines[-1]

    [report], _ = run(data, ["distractors"], open_engine)
    assert report.corpus == "distractors"
    assert [engine.manuals for engine in engines] == [["manual.md", "galaxy-manuals"]]


def test_out_of_corpus_rates_are_given_with_and_without_shared_questions(data: Path) -> None:
    """The engine answers what says `sound`: of the phone questions the one that the TV's manual shares."""
    _, rates = run(data, ["out-of-corpus"], RuleEngine)
    assert [(r.name, r.n, r.declined, r.n_unshared, r.declined_unshared) for r in rates] == [
        ("TV questions, TV manual", 4, 0.5, 4, 0.5),
        ("phone questions, TV manual", 3, pytest.approx(2 / 3), 2, 1.0),
        ("TV questions, Galaxy_A50.html", 4, 0.5, 3, pytest.approx(2 / 3)),
        ("TV questions, Galaxy_S9.html", 4, 0.5, 3, pytest.approx(2 / 3)),
    ]


def test_phone_headings_are_those_of_several_manuals(data: Path) -> None:
    (data / "galaxy-manuals" / "Galaxy_3.html").write_text("<h2>Odd one out</h2>")
    assert phone_headings(data / "galaxy-manuals") == ()
    (data / "galaxy-manuals" / "Galaxy_4.html").write_text(PHONE)
    assert phone_headings(data / "galaxy-manuals") == (
        "Delete a contact",
        "Edge panels",
        "Galaxy",
        "Sound mode",
    )


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Delete a contact", "How do I delete a contact?"),
        ("Turn on Find My Mobile", "How do I turn on Find My Mobile?"),
        ("Notification icons", "How do I use Notification icons?"),
        ("Internet", None),
        ("About phone", None),
        ("Galaxy Note 10", None),
        ("Set up your device", None),
        ("What is this: a test", None),
        ("Restricting access to a mobile device for children", None),
    ],
)
def test_headings_become_questions_by_a_fixed_template(heading: str, question: str | None) -> None:
    assert heading_question(heading) == question


def test_phone_questions_are_drawn_with_a_fixed_seed_and_count_as_unanswerable() -> None:
    headings = [f"Delete {word} files" for word in "abcdefgh"]
    drawn = sample_phone_questions(headings, n=3)
    assert drawn == sample_phone_questions(reversed(headings), n=3)
    assert len({q.text for q in drawn}) == 3
    assert not any(q.answerable for q in drawn)


@pytest.mark.parametrize(
    ("topic", "shared"),
    [
        ("Sound modes", True),  # stemmed, function words aside
        ("Add a Samsung account", True),  # the verb may differ beside two more words
        ("Delete sound", False),
        ("Samsung account password", False),
        ("Using the", False),  # no content word
    ],
)
def test_a_topic_is_shared_if_one_heading_of_the_other_manual_has_its_words(topic: str, shared: bool) -> None:
    assert is_shared(topic, heading_tokens(["Changing the sound mode", "Samsung Account"])) is shared


def test_a_rate_without_questions_is_none() -> None:
    outcome = Outcome(Question("How do I use sound?", ()), RuleEngine([]).ask("sound", decline=False))
    rate = decline_rate("all shared", [outcome], [True])
    assert (rate.n, rate.declined, rate.n_unshared, rate.declined_unshared) == (1, 0.0, 0, None)


def test_reports_are_printed_and_written(data: Path) -> None:
    reports, rates = run(data, ["tv", "out-of-corpus"], RuleEngine)
    figures = json.loads(json.dumps(as_json(reports, rates), allow_nan=False))
    assert figures["tv"]["all"]["section_hit_at_1"] == pytest.approx(1 / 3)
    assert set(figures["tv"]["half_b"]["declined"]) == {"mean", "low", "high"}
    assert figures["out-of-corpus"][0]["name"] == "TV questions, TV manual"
    lines = tv_table(reports[0]).splitlines()
    assert lines[0].split() == ["tv", "half", "B", "low", "high", "half", "A", "all", "n"]
    assert lines[1].split()[0] == "section_hit_at_1"
    assert lines[1].split()[-2:] == ["0.333", "3"]
    assert decline_table(rates).splitlines()[2].split()[-4:] == ["0.667", "3", "1.000", "2"]


def test_an_outcome_is_shown_with_gold_and_the_rank_of_its_section(data: Path) -> None:
    [report], _ = run(data, ["tv"], RuleEngine)
    text = outcome_text(report.outcomes[0])
    assert "? How to set the sound?" in text
    assert "gold:    Press HOME." in text
    assert "shown:   Press HOME." in text
    assert "section: changing the sound MODE! (rank 1), cited: Smart TV › Changing the sound mode" in text
    assert "right, given at 0.90" in text
