"""What a person reads, and what --json prints."""

from __future__ import annotations

import io
import json
import re
import time
from dataclasses import replace

import pytest
from fakes_bot import TEXT, answer, declined, hit
from rich.console import Console

from bot.render.answers import answer_json, answer_text, listed
from bot.render.jobs import job_row
from bot.render.library import release_row, source_row
from bot.terminal.console import print_table, print_text
from qa_core.indexing.library import SourceSummary
from qa_core.release_manifests import Release
from training.retraining.jobs import Job, Progress, Request

KEYS = [
    "answer",
    "shown",
    "confidence",
    "manual",
    "product",
    "section",
    "page",
    "also",
    "read_as",
    "left_open",
    "passages",
    "release",
    "latency_ms",
]


def test_where_several_products_may_be_meant_the_first_passage_of_each_is_shown() -> None:
    of_borix = hit("Code: E02", "borix.md", page=None)
    manual = replace(of_borix.passage.manual, product="Borix W2")
    of_borix = replace(of_borix, passage=replace(of_borix.passage, manual=manual))
    several = replace(declined(), also=("Borix W2",))
    text = str(answer_text(replace(several, hits=(*several.hits, of_borix)), styled=False))
    assert text.startswith("Which product is it about?")
    assert "for Meridio 300 and Borix W2:" in text
    assert [line for line in text.splitlines() if line[:1].isdigit()] == [
        "1. manual-1.md › Care › Descaling",
        "2. borix.md › Care › Descaling",
    ]


def test_an_answer_tells_of_other_products_that_have_one() -> None:
    text = str(answer_text(replace(answer(), also=("Borix W2", "Alpen D1")), styled=False))
    assert text.endswith("for Borix W2 and Alpen D1. Name the product to get its answer.")


def test_of_many_products_the_first_few_are_listed() -> None:
    assert listed([f"P{n}" for n in range(32)]) == "P0, P1, P2, P3, P4 and 27 more"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert listed(["A"]) == "A"


def on_a_terminal(text: object, width: int = 100) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, force_terminal=True, color_system="standard", width=width, markup=False, highlight=False
    )
    print_text(console, text)  # type: ignore[arg-type]
    return stream.getvalue()


def test_json_holds_the_span_what_is_shown_and_where_it_stands() -> None:
    found = answer_json(answer())

    assert list(found) == KEYS
    assert found["answer"] == "every 200 cups"
    assert found["shown"] == "Descale the machine every 200 cups."
    assert (found["manual"], found["product"]) == ("meridio/manual.html", "Meridio 300")
    assert (found["section"], found["page"]) == (["Care", "Descaling"], 12)
    assert (found["confidence"], found["release"], found["latency_ms"]) == (0.87, "r1", 12.3)
    assert found["passages"][1] == {
        "text": "Clean the tray.",
        "manual": "other.md",
        "section": ["Care", "Descaling"],
        "page": None,
        "score": 0.25,
    }


def test_the_page_is_the_one_on_which_the_span_begins() -> None:
    assert answer_json(answer(span="Empty the tank", shown="1. Empty the tank."))["page"] == 13


def test_json_of_a_declined_question_cites_nothing_but_keeps_the_passages() -> None:
    found = answer_json(declined())

    assert list(found) == KEYS
    cited = ("answer", "shown", "manual", "product", "section", "page")
    assert [found[key] for key in cited] == [None] * 6
    assert [passage["text"] for passage in found["passages"]] == [f"Passage {n}." for n in range(1, 5)]


def test_json_can_be_written_as_json_whatever_numbers_the_models_give() -> None:
    numpy = pytest.importorskip("numpy")
    given = answer()
    object.__setattr__(given, "confidence", numpy.float32(0.5))

    assert json.loads(json.dumps(answer_json(given)))["confidence"] == 0.5


def test_without_styles_the_span_is_marked_inside_the_passages_own_words() -> None:
    lines = answer_text(answer(), styled=False).plain.split("\n")

    assert lines[0] == "Descale the machine **every 200 cups**. Use the descaling tablets only."
    assert lines[1:4] == TEXT.split("\n")[1:]
    assert lines[-2:] == ["meridio/manual.html › Care › Descaling › page 12", "confidence 87%"]


def test_on_a_terminal_the_span_is_bold_and_nothing_is_added_to_the_words() -> None:
    printed = on_a_terminal(answer_text(answer()))

    assert "\x1b[1mevery 200 cups\x1b[0m" in printed
    assert "**" not in printed


def test_an_excerpt_that_reaches_beyond_its_passage_is_shown_whole() -> None:
    given = answer()
    first = given.hits[0]
    object.__setattr__(first.passage, "end", TEXT.index("\n"))
    object.__setattr__(given.shown, "end", len(TEXT))

    assert answer_text(given, styled=False).plain.startswith(
        "Descale the machine **every 200 cups**. Use the descaling tablets only.\n1. Empty the tank."
    )


def test_declining_says_so_and_names_the_three_nearest_passages() -> None:
    text = answer_text(declined(), styled=False).plain

    assert text.startswith("Not in the manuals\nconfidence 12%\n")
    assert "1. manual-1.md › Care › Descaling\nPassage 1." in text
    assert "3. manual-3.md › Care › Descaling\nPassage 3." in text
    assert "Passage 4." not in text


def test_markup_and_emoji_codes_in_a_manual_are_plain_text() -> None:
    words = "Press [bold]OK[/bold] :smile: [/] every 200 cups."

    printed = on_a_terminal(answer_text(answer(shown=words, text=words)))

    assert "Press [bold]OK[/bold] :smile: [/] " in printed


def test_escape_sequences_in_a_manual_do_not_reach_the_terminal() -> None:
    words = "\x1b]0;title\x07Hold\x1b[2J\x9b31m \x08every 200 cups\x00\u202e."

    printed = on_a_terminal(answer_text(answer(shown=words, text=words)))

    assert printed.startswith("Hold \x1b[1mevery 200 cups\x1b[0m.")
    assert not re.search("[\x00\x07\x08\x9b\u202e]", printed)


def test_words_that_were_read_as_others_are_told():
    for given in (answer(), declined()):
        read = replace(given, slips=(("fliter", "filter"),))
        assert "\nI read “fliter” as “filter”." in answer_text(read).plain
        assert answer_json(read)["read_as"] == {"fliter": "filter"}
        assert "I read" not in answer_text(given).plain


def test_of_several_questions_those_are_told_that_are_not_answered():
    several = "When should I descale the machine and what does E5 mean?"
    given = answer(question=several)
    assert "\nThis does not answer “what does E5 mean?”: ask that by itself." in answer_text(given).plain
    assert answer_json(given)["left_open"] == ["what does E5 mean?"]
    assert "\nThese are several questions. Ask each by itself." in answer_text(declined(several)).plain
    assert "by itself" not in answer_text(answer(question="When should I descale it?")).plain


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (40, ["code           n", "abcdefghijkl  12", "日本           -"]),
        (10, ["code     n", "abcdef  12", "ghijkl    "]),
    ],
)
def test_a_table_has_aligned_columns_and_is_wrapped_where_it_does_not_fit(width, lines):
    out = io.StringIO()
    print_table(Console(file=out, width=width), ("code", "n"), [("abcdefghijkl", 12), ("日本", None)])
    assert out.getvalue().splitlines()[: len(lines)] == lines


def test_a_table_of_many_rows_is_printed_within_seconds():
    out, began = io.StringIO(), time.process_time()
    rows = [(f"id{n}", "pending", "answer", "+0 −0", "how? " * 12, "so " * 20, "") for n in range(20_000)]
    print_table(Console(file=out, width=10_000), tuple("abcdefg"), rows)
    assert len(out.getvalue().splitlines()) == 20_001
    assert time.process_time() - began < 3


@pytest.mark.usefixtures("in_berlin")
def test_lists_tell_times_on_this_machines_clock():
    at, here = "2026-10-31T23:30:00.000+00:00", "2026-11-01 00:30"
    nowhere, no_end = (None,) * 5, (False, Progress(), "", None, None, 0)
    job = Job(1, "waiting", Request(), at, *nowhere, None, 0, *no_end)
    release = Release("r1", at, "e", "r", "c", "onnx-int8")

    assert job_row(job, False, None)[2] == here
    assert release_row(release, "r1")[2] == here
    assert source_row(SourceSummary("/manuals", "folder", 3, 20, at)) == ("/manuals", 3, 20, here)
    assert source_row(SourceSummary("/manuals", "folder", 0, 0, ""))[3] is None
