"""What of a passage is about the model that a question names."""

from __future__ import annotations

import pytest

from qa_core.asked.models import Place, about_asked_model
from qa_core.types import Span

OUTSIDE = "The BR-4 must not hang outside. The BR-4 Pro may hang outside. Use four screws."
WEIGHTS = "The BR-4 weighs 2 kg, the BR-4 Pro 3 kg."
CELLS = "The battery is a flat cell (BR-4) or two round cells (BR-4 Pro)."
LENGTHS = "It reaches 25 m with the Tovo 500 and 40 m with the Tovo 900, if the line is straight."
BLADES = "The Tovo 500 has 3 blades (set TV-031), the Tovo 900 has 6 (set TV-036)."
OIL = "Oil is needed for the Tovo 500 once a year, and never for the Tovo 900."
TABLE = "Weight | Tovo 500: 8 kg | Tovo 900: 9 kg\nRange | Tovo 500: 1 km | Tovo 900: 2 km"
LED_BY_MODELS = "Model: Tovo 500 | Weight: 8 kg\nModel: Tovo 900 | Weight: 9 kg"


def told(question: str, text: str, *spans: str) -> list[str]:
    found = [Span(text.index(s), text.index(s) + len(s), -float(i)) for i, s in enumerate(spans)]
    return [text[span.start : span.end] for span in about_asked_model(question, Place(text), found)]


@pytest.mark.parametrize(
    ("question", "about_it"),
    [
        ("may the BR-4 hang outside", "The BR-4 must not hang outside"),
        ("may the br4 pro hang outside", "The BR-4 Pro may hang outside"),
    ],
)
def test_what_is_about_a_sister_is_no_answer(question: str, about_it: str) -> None:
    spans = ("The BR-4 must not hang outside", "The BR-4 Pro may hang outside")
    assert told(question, OUTSIDE, *spans) == [about_it]
    assert told(question, OUTSIDE, *reversed(spans)) == [about_it]


def test_the_sentence_about_the_model_stands_for_what_the_reader_took_from_a_sisters() -> None:
    assert told("may the BR-4 Pro hang outside", OUTSIDE, "must not hang outside") == [
        "The BR-4 Pro may hang outside."
    ]


def test_what_names_no_model_stays_as_it_is() -> None:
    assert told("screws of the BR-4 Pro", OUTSIDE, "four screws", "must not hang") == ["four screws"]


@pytest.mark.parametrize(
    ("question", "text", "of_sister", "own"),
    [
        ("how heavy is the BR-4 Pro", WEIGHTS, "2 kg", "the BR-4 Pro 3 kg."),
        ("how heavy is the BR-4", WEIGHTS, "3 kg", "The BR-4 weighs 2 kg"),
        ("which battery has the BR-4 Pro", CELLS, "flat cell", "two round cells (BR-4 Pro)."),
        ("how far does the Tovo 500 reach", LENGTHS, "40 m", "It reaches 25 m with the Tovo 500"),
        ("how many blades has the Tovo 900", BLADES, "3 blades", "the Tovo 900 has 6 (set TV-036)."),
        ("does the Tovo 900 need oil", OIL, "once a year", "never for the Tovo 900."),
        ("how often does the Tovo 500 need oil", OIL, "never", "Oil is needed for the Tovo 500 once a year"),
        ("how heavy is the tovo 900", TABLE, "8 kg", "9 kg"),
        ("weight of the Tovo 900", LED_BY_MODELS, "Weight: 8 kg", "Model: Tovo 900 | Weight: 9 kg"),
    ],
)
def test_a_sentence_or_row_about_several_is_cut_at_their_names(
    question: str, text: str, of_sister: str, own: str
) -> None:
    assert told(question, text, of_sister) == [own]


def test_of_a_span_about_both_the_models_own_part_is_left() -> None:
    assert told("how heavy is the BR-4 Pro", WEIGHTS, "2 kg, the BR-4 Pro 3 kg") == ["the BR-4 Pro 3 kg"]


@pytest.mark.parametrize(
    ("question", "text", "span"),
    [
        ("how heavy is it", WEIGHTS, "2 kg"),  # of which model?
        ("do the BR-4 and the BR-4 Pro weigh the same", WEIGHTS, "2 kg"),
        ("is the BR-6 waterproof", "The BR-6 and the BR-4 are sealed.", "sealed"),
        (
            "which bag fits the TV 60",
            "The TV 60 takes the bag TV 61. The TV 70 takes the bag TV 71.",
            "TV 61",
        ),
        ("what replaces the TV 60", "The TV 70 replaces the TV 60.", "TV 70"),
        ("descaler for the TV 60", "Fill the TV 60.\nPour in 2 l (TV-822).", "2 l (TV-822)"),  # a part
    ],
)
def test_all_stays_as_it_is_where_no_model_or_no_sister_is_meant(question: str, text: str, span: str) -> None:
    assert told(question, text, span) == [span]


def test_of_what_is_about_sisters_alone_nothing_is_left() -> None:
    text = "The BR-4 may hang outside. Use four screws. The BR-6 is new."
    assert told("alarm of the BR-6", text, "may hang outside") == []


def test_what_the_next_sentence_says_of_the_model_stands_for_what_is_said_of_a_sister() -> None:
    text = "Hose the BR-4 down, but gently. The BR-6 is wiped dry."
    assert told("can I hose the BR-6 down", text, "gently") == ["The BR-6 is wiped dry."]


@pytest.mark.parametrize(
    ("question", "is_told"), [("reach of the tovo 900", False), ("reach of the velo 30", True)]
)
def test_models_that_lead_rows_of_one_table_are_sisters(question: str, is_told: bool) -> None:
    table = "Cart: Velo 30 | Time: 4 h\nCart: Velo 60 | Time: 5 h\nCart: Tovo 900 | Time: 6 h\n"
    text = "Cart: Tovo 900 | Time: 6 h\nA full charge gives a reach of 35 km with the Velo 30."
    spans = [Span(text.index("35 km"), len(text) - 1, 0.0)]
    place = Place(text, table + text)
    assert about_asked_model(question, place, spans) == (tuple(spans) if is_told else ())


def test_models_may_differ_in_a_letter_or_behind_a_decimal_point() -> None:
    lifts = "A charge is good for 9 trips on the Ulmo S and 6 on the Ulmo D."
    assert told("how many trips with ulmo s", lifts, "6") == ["A charge is good for 9 trips on the Ulmo S"]
    motors = "The rotor supplied is 8 x 9 for the W7.5 and 8 x 11 for the W12."
    assert told("which rotor comes with the w12", motors, "The rotor supplied") == ["8 x 11 for the W12."]


LOCKS = "Tovo Home takes four cells, which last 8 months. Tovo Plus holds a pack, which lasts 12 weeks."


@pytest.mark.parametrize(
    ("question", "span", "own"),
    [
        ("how long do the cells of the tovo home last", "12 weeks", LOCKS.partition(" Tovo Plus")[0]),
        ("how long does the pack of the Tovo Plus last", "8 months", LOCKS.partition("months. ")[2]),
        ("how long does it last on the Plus", "which last 8 months", LOCKS.partition("months. ")[2]),
        ("how long do the cells last", "12 weeks", "12 weeks"),
    ],
)
def test_models_may_have_a_word_in_place_of_a_number(question: str, span: str, own: str) -> None:
    spans = [Span(LOCKS.index(span), LOCKS.index(span) + len(span), 0.0)]
    [marked] = about_asked_model(question, Place(LOCKS, product=frozenset({"tovo"})), spans)
    assert LOCKS[marked.start : marked.end] == own
    assert about_asked_model(question, Place(LOCKS), spans) == tuple(spans)


def test_only_words_of_the_product_s_name_are_of_a_series() -> None:
    text = "The Pump is below. The Filter is above. Press Menu Pump, Menu Filter."
    spans = [Span(text.index("below"), text.index("below") + 5, 0.0)]
    assert about_asked_model("where is the filter", Place(text, product=frozenset({"tovo"})), spans) == tuple(
        spans
    )


def test_a_span_over_the_columns_of_several_rows_stays_as_it_is() -> None:
    span = "9 kg\nRange | Tovo 500: 1 km | Tovo 900: 2 km"
    assert told("how far does the Tovo 900 go", TABLE, span) == [span]


def test_lights_are_told_apart_by_their_colours() -> None:
    rows = "Light: Red | Meaning: Alarm\nLight: Amber | Meaning: No mains\nLight: Blue | Meaning: Wait"
    spans = [Span(rows.index("No mains"), rows.index(" | Meaning: Wait"), 0.0)]
    [amber] = about_asked_model("the light is orange", Place(rows), spans, frozenset({"amber"}))
    assert rows[amber.start : amber.end] == "No mains"
    assert about_asked_model("the light is orange", Place(rows), spans) == tuple(spans)
