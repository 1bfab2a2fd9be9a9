import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_bot import answer, as_given, declined, hit
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_limits import check_message, check_view, texts
from slack_sdk.models.blocks import Block

from bot.actions import ACTION_PERSON
from bot.views.blocks import (
    ASKER_ALONE,
    Audience,
    answer_message,
    apology,
    citation,
    confidence_in_words,
    note,
)
from bot.views.correction import Place, correction_modal, nearest_modal, nothing_near_modal
from bot.views.passages import answer_modal, more_passages_modal
from bot.views.person import Handover, call_message, resolved_message
from bot.views.voting import correction_offer, receipt
from qa_core.types import Answer, Excerpt, Span
from training.feedback.locating import Located

GOLDEN = Path(__file__).parent / "golden"
ID = "0123456789abcdef0123456789abcdef"
EVIL = "Press <!channel> & *hold* _it_ </b> <https://evil.example|here>. Then wait."


def hostile() -> Answer:
    """An answer in which every text of the manual tries to be more than text."""
    given_answer = answer("<!channel> & *hold*", EVIL, EVIL, question="Who is <!everyone>? <@U1>")
    hits = tuple(hostile_hit(each) for each in given_answer.hits)
    return replace(given_answer, hits=hits)


def hostile_hit(each):
    manual = replace(
        each.passage.manual, path="<!here>.md", url="https://a.example/x|<!channel>", product="<!here>"
    )
    section = replace(each.passage.section, heading_path=("A <!channel>", "> B *c*"))
    return replace(each, passage=replace(each.passage, manual=manual, section=section))


def linked() -> Answer:
    given_answer = answer()
    manual = replace(given_answer.hits[0].passage.manual, url="https://docs.example/m300.pdf")
    first = replace(given_answer.hits[0], passage=replace(given_answer.hits[0].passage, manual=manual))
    return replace(given_answer, hits=(first, *given_answer.hits[1:]))


def long_answer(n_words: int = 20_000) -> Answer:
    text = "Turn the small screw & wait. " * (n_words // 6)
    return answer("small screw", text.strip(), text.strip())


MESSAGES = {
    "answer": answer_message(as_given(answer())),
    "answer_alone": answer_message(as_given(answer()), ASKER_ALONE),
    "answer_shared": answer_message(as_given(answer()), Audience(shared_by="U1")),
    "answer_of_another_product": answer_message(as_given(answer()), Audience(turned_from="Folio <!here>")),
    "answer_linked": answer_message(as_given(linked())),
    "answer_hostile": answer_message(as_given(hostile()), ASKER_ALONE),
    "answer_long": answer_message(as_given(long_answer())),
    "declined": answer_message(as_given(declined("Who made it?"))),
    "declined_of_a_product": answer_message(as_given(declined("Who made it?"), "Folio *540DN*")),
    "declined_for_several_products": answer_message(
        as_given(replace(declined("What is E02?"), also=("Borix <W2>", "Alpen D1")))
    ),
    "answer_of_several_products": answer_message(as_given(replace(answer(), also=("Borix <W2>",)))),
    "declined_without_hits": answer_message(as_given(declined("Who made it?", 0))),
    "apology": apology("e1b2c3d4", "No index in <var>."),
    "receipt": receipt(412),
    "correction_offer": correction_offer(ID),
    "call": call_message("Is <it> 5 V?", "S9", Handover("C1", "1.2", "U1")),
    "resolved": resolved_message("<@U2> <@U1> asks for a person: Is &lt;it&gt; 5 V?", "U2"),
}
VIEWS = {
    "more_passages": more_passages_modal(answer()),
    "more_passages_hostile": more_passages_modal(hostile()),
    "more_passages_declined": more_passages_modal(declined()),
    "answer_modal": answer_modal(as_given(answer()), "Saved as example 412. Thank you."),
    "answer_modal_declined": answer_modal(as_given(declined())),
    "correction": correction_modal(answer(), Place(ID, "C1", "1.2")),
    "correction_hostile": correction_modal(hostile(), Place(ID)),
    "correction_without_hits": correction_modal(declined("q", 0), Place(ID)),
    "nearest": nearest_modal(Located(hit().passage, 0, 35, 90.0), Place(ID, "C1")),
    "nothing_near": nothing_near_modal(),
}


def check_golden(name: str, value: object) -> None:
    """Compare with the file; UPDATE_GOLDEN=1 writes it, to be looked at before it is committed."""
    path = GOLDEN / f"{name}.json"
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", [name for name in MESSAGES if name != "answer_long"])
def test_messages_look_as_they_should(name):
    check_golden(name, MESSAGES[name].arguments())


@pytest.mark.parametrize("name", [name for name in VIEWS if "hostile" not in name])
def test_modals_look_as_they_should(name):
    check_golden(name, VIEWS[name])


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_keep_slacks_limits(name):
    message = MESSAGES[name]
    check_message(message.arguments())
    for block in message.blocks:
        Block.parse(block).validate_json()


@pytest.mark.parametrize("name", VIEWS)
def test_modals_keep_slacks_limits(name):
    check_view(VIEWS[name])
    for block in VIEWS[name]["blocks"]:
        Block.parse(block).validate_json()


@pytest.mark.parametrize("value", [*MESSAGES.values(), *VIEWS.values()])
def test_no_text_pings_anybody_but_who_is_meant(value):
    found = texts([value.arguments()] if hasattr(value, "arguments") else value)
    for text in found:
        assert "<!channel>" not in text
        assert "<!here>" not in text
        assert "<!everyone>" not in text


def test_an_answer_is_one_message_with_all_its_parts():
    blocks = MESSAGES["answer"].blocks
    assert [block["type"] for block in blocks] == ["section", "context", "actions", "context_actions"]
    assert blocks[0]["text"]["text"] == "Descale the machine *every 200 cups*."
    assert [element["text"] for element in blocks[1]["elements"]] == [
        "meridio/manual.html › Care › Descaling › page 12",
        "Confidence: high (87%)",
    ]
    assert [button["text"]["text"] for button in blocks[2]["elements"]] == ["More passages", "Ask a person"]


def test_an_answer_for_the_asker_alone_offers_to_share_it():
    labels = [button["text"]["text"] for button in MESSAGES["answer_alone"].blocks[3]["elements"]]
    assert labels == ["More passages", "Share in channel", "Ask a person"]


def test_a_long_answer_ends_at_a_sentence_and_loses_no_block():
    blocks = MESSAGES["answer_long"].blocks
    kinds = [block["type"] for block in blocks]
    assert kinds == ["section", "section", "section", "context", "context", "actions", "context_actions"]
    assert all(block["text"]["text"].endswith("wait.") for block in blocks[:3])
    assert blocks[3]["elements"][0]["text"] == "The manual goes on here: see _More passages_."
    assert MESSAGES["answer_long"].text.endswith("…\n(meridio/manual.html › Care › Descaling › page 13)")


def test_a_declined_answer_shows_the_three_nearest_passages():
    sections = [b["text"]["text"] for b in MESSAGES["declined"].blocks if b["type"] == "section"]
    assert sections == [
        "*Not in the manuals*, as far as I can tell. These passages come nearest:",
        "Passage 1.",
        "Passage 2.",
        "Passage 3.",
    ]


def test_a_place_is_linked_where_the_manual_has_an_address():
    assert citation(linked().hits[0].passage, 12) == (
        "<https://docs.example/m300.pdf#page=12|meridio/manual.html › Care › Descaling › page 12>"
    )
    assert citation(answer().hits[1].passage, None) == "other.md › Care › Descaling"


def test_a_very_long_heading_path_keeps_the_manual_and_the_last_heading():
    passage = hit().passage
    section = replace(
        passage.section, heading_path=(*(f"Heading {n} " + "x" * 200 for n in range(40)), "Last")
    )
    shown = citation(replace(passage, section=section), 12)
    assert shown.startswith("meridio/manual.html › ")
    assert shown.endswith(" › Last › page 12")
    assert len(shown) < 1_000


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.95, "Confidence: very high (95%)"),
        (0.8, "Confidence: high (80%)"),
        (0.6, "Confidence: fair (60%)"),
        (0.2, "Confidence: low: read the passage first (20%)"),
    ],
)
def test_confidence_is_told_in_words(confidence, words):
    assert confidence_in_words(confidence) == words


def test_a_note_always_has_a_text():
    assert note("Hello").arguments()["text"] == "Hello"


manual_text = st.text(alphabet="aB <>&*_~`|.:!\n1-–é", min_size=3, max_size=400).filter(
    lambda t: len(t.strip()) > 2
)


@settings(deadline=None, max_examples=25)
@given(text=manual_text, repeat=st.sampled_from([1, 3, 30]), data=st.data())
def test_whatever_a_manual_says_the_message_keeps_slacks_limits(text, repeat, data):
    text = text * repeat
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    shown = Excerpt(data.draw(st.integers(0, start)), data.draw(st.integers(end, len(text))))
    hits = (hostile_hit(hit(text)), *declined().hits)
    given_answer = Answer(text, Span(start, end, 1.0), shown, 0.6, 0.5, hits, "r1", 1.0)
    check_message(answer_message(as_given(given_answer), ASKER_ALONE).arguments())
    check_message(answer_message(as_given(replace(given_answer, span=None, shown=None))).arguments())
    check_view(more_passages_modal(given_answer))
    check_view(answer_modal(as_given(given_answer)))
    check_view(correction_modal(given_answer, Place(ID)))


def test_asking_a_person_under_a_private_answer_asks_first_as_the_question_becomes_public():
    def asking(audience: Audience) -> dict[str, object]:
        buttons = [
            e for b in answer_message(as_given(answer()), audience).blocks for e in b.get("elements", ())
        ]
        return next(each for each in buttons if each.get("action_id") == ACTION_PERSON)

    sure = asking(ASKER_ALONE)["confirm"]
    assert "everyone in this channel can read it" in sure["text"]["text"]
    assert (sure["confirm"]["text"], sure["deny"]["text"]) == ("Post my question", "Cancel")
    assert "confirm" not in asking(Audience())


def test_words_that_were_read_as_others_are_told_with_the_answer_and_without_one():
    slips = (("f<l>iter", "filter"), ("pmup", "pump"))
    for plain in (answer(), declined()):
        shown, before = (
            "\n".join(texts(answer_message(as_given(each)).blocks))
            for each in (replace(plain, slips=slips), plain)
        )
        assert "I read “f&lt;l&gt;iter” as “filter” and “pmup” as “pump”." in shown
        assert "I read" not in before


def test_of_several_questions_those_are_told_that_are_not_answered():
    given = answer(question="When should I descale the machine? And what does <E5> mean?")
    shown = "\n".join(texts(answer_message(as_given(given)).blocks))
    assert "This does not answer “And what does &lt;E5&gt; mean?”: ask that by itself." in shown


def test_the_footnotes_of_an_excerpt_stand_below_it() -> None:
    text = "The pump takes 5 l.¹ Rinse it.\n¹ 4 l & less in winter."
    given_answer = answer("5 l", "The pump takes 5 l.¹", text)
    blocks = answer_message(as_given(given_answer)).blocks
    assert "¹ 4 l &amp; less in winter." in texts(blocks[1])
