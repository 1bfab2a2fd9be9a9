"""The cell of a table that a question asks for."""

from __future__ import annotations

import re

import pytest

from qa_core.asked.cells import answer_in_row, asked_cells, asks_for_its_cell

MODELS = """\
Weight | Trollo T5: 31 kg | Trollo T7: 34 kg
Turning circle | Trollo T5: 3 m | Trollo T7: 4 m
Charging time (empty) | Trollo T5, Trollo T7: 5 h
Wide tyres | Trollo T5: no
Nuts (T5) | Torque: 20 Nm
Nuts (T7) | Torque: 25 Nm"""
LED_BY_MODELS = """\
Model: Brio 64 | Rated power (W): 420 | Hopper: 1 kg
Model: Brio 64 D | Rated power (W): 440 | Hopper: 2 kg
Model: Brio 83 | Rated power (W): 510 | Hopper: 3 kg"""
SPELLED = "Noise | CF 18: 40 dB | CF 34 F: 43 dB\nNoise at night | CF 18: 30 dB | CF 34 F: 33 dB"

MEASURES = """\
Trays | KL 20: 2 | KL 40: 4
Tare weight | KL 20: 12 kg | KL 40: 17 kg
Sound power | KL 20: 41 dB | KL 40: 46 dB
Width x depth | KL 20: 300 x 210 mm | KL 40: 410 x 260 mm
Belt speed | KL 20: 2 m/s | KL 40: 3 m/s
Lid, opens | KL 20: 60 mm | KL 40: 90 mm"""


HOMES = "Weight | Tovo Home: 3 kg | Tovo Plus: 4 kg\nNoise | Tovo Home: 30 dB | Tovo Plus: 28 dB"


def marked(question: str, text: str) -> str | None:
    """The words of the cell."""
    rows = [match.span() for match in re.finditer(".+", text)]
    found = asked_cells(question, text, rows)
    return ", ".join(text[slice(*each)] for each in found) or None


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("what is the turning circle of the Trollo T7", "4 m"),
        ("turning circle t5", "3 m"),
        ("how long is the charging time of the T7?", "5 h"),  # one cell for both
        ("torque of the T7 nuts", "25 Nm"),
        ("how much does the t5 weigh", "31 kg"),
    ],
)
def test_the_column_of_the_model_in_the_row_of_the_label(question: str, cell: str) -> None:
    assert marked(question, MODELS) == cell


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("how heavy is the KL 40", "17 kg"),
        ("what does a kl20 weigh?", "12 kg"),
        ("how loud is the KL 20", "41 dB"),
        ("how deep is the KL 40?", "410 x 260 mm"),  # one of the measures of its row
        ("how fast does the belt of the kl40 run", "3 m/s"),
        ("how old is the KL 40", None),
    ],
)
def test_a_measure_may_be_asked_for_in_other_words_than_the_labels(question: str, cell: str | None) -> None:
    assert marked(question, MEASURES) == cell


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("weight of the tovo home", "3 kg"),
        ("what weight has the Plus", "4 kg"),
        ("noise, it is the plus", "28 dB"),
        ("noise of the plus button", None),
    ],
)
def test_models_may_differ_in_a_word(question: str, cell: str | None) -> None:
    assert marked(question, HOMES) == cell


@pytest.mark.parametrize(
    "question",
    [
        "what is the weight",  # of which model?
        "difference in weight between the T5 and the T7",
        "how fast is the T7",  # no row
        "are wide tyres possible on the T7",  # its cell is empty
    ],
)
def test_none_where_the_question_does_not_tell(question: str) -> None:
    assert marked(question, MODELS) is None


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("rated power brio 64", "420"),
        ("rated power of the Brio 64 D", "440"),
        ("hopper of the brio 83", "3 kg"),
        ("hopper and rated power of the brio 83", None),
    ],
)
def test_models_may_lead_the_rows(question: str, cell: str | None) -> None:
    assert marked(question, LED_BY_MODELS) == cell


@pytest.mark.parametrize("model", ["CF 34 F", "cf34f", "CF-34F"])
def test_a_model_may_be_written_apart_or_in_one(model: str) -> None:
    assert marked(f"noise of the {model}", SPELLED) == "43 dB"
    assert marked(f"noise at night {model}", SPELLED) == "33 dB"


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("weight and turning circle of the T7", "34 kg, 4 m"),
        ("turning circle, weight T5?", "31 kg, 3 m"),
        ("weight when it is charging, on the T7", "34 kg"),  # one label is whole
        ("noise at night and noise CF 34 F", "33 dB"),  # one label goes on in the other
    ],
)
def test_a_question_may_ask_for_several_rows(question: str, cells: str) -> None:
    assert marked(question, f"{MODELS}\n{SPELLED}") == cells


def test_a_model_whose_name_goes_on_in_anothers_is_named_beside_it() -> None:
    text = "Noise | CF 34: 40 dB | CF 34 F: 43 dB"
    assert marked("noise of the CF 34 F", text) == "43 dB"
    assert marked("noise of the CF 34", text) == "40 dB"
    assert marked("noise of the CF 34 and the CF 34 F", text) is None


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("dv 20 flow rate", "7 l"),
        ("what about dv 35 greatest head?", "5 m"),
        ("dv 20 cables, their length", "2 m"),  # no number of cables: it is of the column's name
        ("kv 8 flow rate", "9 l"),
        ("KV 8 flow rate", "9 l"),
        ("kv 8c flow rate", "11 l"),
    ],
)
def test_a_column_is_named_in_small_letters_as_well(question: str, cell: str) -> None:
    pumps = "Greatest head | DV 20: 4 m | DV 35: 5 m\nFlow rate | DV 20: 7 l | DV 35: 8 l"
    pumps += "\nCable length | DV 20: 2 m | DV 35: 3 m"
    sisters = "Flow rate | KV 8: 9 l | KV 8C: 11 l"
    assert marked(question, sisters if "kv" in question.lower() else pumps) == cell


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("how heavy is the kt-9", "14 kg"),  # not what the "Feet" weigh
        ("weight of the KT-7", "12 kg"),
        ("feet kt-9", "fixed, weighs 2 kg"),
        ("draw of the KT-9", None),  # in which mode?
    ],
)
def test_a_label_may_tell_when_it_holds(question: str, cell: str | None) -> None:
    scales = (
        "Weight without outer feet | KT-7: 12 kg | KT-9: 14 kg\nFeet | KT-7: none | KT-9: fixed, weighs 2 kg"
    )
    scales += "\nDraw at full load | KT-7: 9 W | KT-9: 8 W\nDraw in standby mode | KT-7: 1 W | KT-9: 2 W"
    assert marked(question, scales) == cell


@pytest.mark.parametrize("question", ["how many amps for 6mm tube", "how many amps for 6 mm tube"])
def test_an_amount_leads_the_row_and_a_measure_names_the_column(question: str) -> None:
    table = "Tube: 2.5 mm | Wire: 1 mm | Current: 60 A\nTube: 6 mm | Wire: 1.2 mm | Current: 140 A"
    assert marked(question, table) == "140 A"


def test_words_of_the_columns_name_tell_no_row() -> None:
    table = "DV range | DV 20: 1 to 4 | DV 35: 1 to 9\nHeat range | DV 20: 5 to 40 °C | DV 35: 0 to 50 °C"
    assert marked("dv 35 heat range", table) == "0 to 50 °C"


DRIVES = """\
Drive | DK 4: motor RM-2 | DK 6: motor RM-3
Motor power | DK 4: 900 W | DK 6: 1200 W
Inlet pressure | DK 4: 2 bar | DK 6: 3 bar
Spout | DK 4: for low pressure | DK 6: for low pressure
Grease | DK 4: LG 2 | DK 6: LG 3
Grease quantity | DK 4: 30 g | DK 6: 50 g
Strokes in an hour | DK 4: any number | DK 6: any number
Strokes per minute | DK 4: 20 | DK 6: 30"""


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("which motor does the DK 6 have", "motor RM-3"),
        ("what type of motor is in the DK 4", "motor RM-2"),
        ("DK 6 motor type", "motor RM-3"),
        ("which motor power has the DK 6", "1200 W"),
        ("how powerful is the motor of the DK 6", "1200 W"),
        ("which pressure does the DK 4 need", "2 bar"),  # it is what the row measures
        ("which grease for the DK 6", "LG 3"),
        ("how much grease for the DK 6", "50 g"),
        ("how many strokes in an hour has the DK 4", "any number"),
    ],
)
def test_a_name_is_told_by_a_name_and_how_much_by_an_amount(question: str, cell: str) -> None:
    assert marked(question, DRIVES) == cell


def test_the_name_in_a_cell_is_all_that_is_asked_for() -> None:
    assert asks_for_its_cell("which motor does the DK 6 have", DRIVES, frozenset())
    assert not asks_for_its_cell("which motor brushes does the DK 6 have", DRIVES, frozenset())


def test_without_rows_there_is_none() -> None:
    assert asked_cells("weight", "It weighs 3 kg.", []) == ()


def test_a_measure_in_a_table_of_one_column_needs_no_name_of_it() -> None:
    rows = "Item: Belt | Value: 2 m\nItem: Weight with bag | Value: 7 kg"
    assert marked("how heavy is it?", rows) == "7 kg"
    assert marked("how loud is it?", rows) is None


def test_the_default_stands_in_the_column_of_the_factory_setting() -> None:
    rows = "Item: Standby after | CF 18: 5 to 60 min | CF 34: 5 to 90 min | Factory setting: 30 min"
    assert marked("default standby time of the CF", rows) == "30 min"
    assert marked("standby time of the CF 18", rows) == "5 to 60 min"


@pytest.mark.parametrize(
    ("question", "is_all"),
    [
        ("what is the weight of the Trollo T7", True),
        ("how much weight has the trollo T5?", True),  # "how much" asks for nothing else
        ("weight of the brand's T7", True),  # what the manual is called
        ("how heavy is the T7", True),
        ("maximum weight of a rider on the T7", False),
        ("what is the weight", False),
        ("T7", False),
        ("how do I weight the T7", False),
    ],
)
def test_whether_a_cell_is_all_that_is_asked_for(question: str, is_all: bool) -> None:
    assert asks_for_its_cell(question, MODELS, frozenset({"brand"})) is is_all
    assert not asks_for_its_cell(question, "The Trollo T7 has a weight of 34 kg.", frozenset())


THIRST = "Full speed | HM 4.5: 9 kn | HM 6: 12 kn\nFuel at most | HM 4.5: 4 l/h | HM 6: 6 l/h"
SIGNALS = (
    "Signal: Horn, 3 blasts at power-up | Cause: Relay stuck | Then: half speed\nSignal: Horn | Cause: Ice"
)
CODES = "Code: 24 | Ulmo S: Door open | Ulmo D: Key off\nCode: 33 | Ulmo S: Hot | Ulmo D: Cold"
PIPES = "Pipe: 12 mm | Bend: 40 mm | Flow: 3 l\nPipe: 15 mm | Bend: 60 mm | Flow: 5 l"


@pytest.mark.parametrize(
    ("question", "text", "part", "answer"),
    [
        ("how thirsty is the hm 6", THIRST, "HM 4.5: 4 l/h", "6 l/h"),
        ("how thirsty is the hm 6", THIRST, "Fuel at most | HM 4.5: 4 l/h", "6 l/h"),
        ("how thirsty is the hm 4.5", THIRST, "HM 4.5: 4 l/h", "HM 4.5: 4 l/h"),
        ("how thirsty is it", THIRST, "4 l/h", "4 l/h"),  # no model is named
        (
            "3 blasts of the horn at power-up",
            SIGNALS,
            "Horn, 3 blasts at power-up",
            "Relay stuck | Then: half speed",
        ),
        ("the ulmo d says 24", CODES, "Code", "Key off"),  # the column's name says nothing
        ("what signal is there for ice?", SIGNALS, "Horn", "Horn"),  # which the question does not say
        ("which flow for a 40 mm bend", PIPES, "3 l", "3 l"),  # columns of properties, not of models
    ],
)
def test_what_answers_in_a_row(question: str, text: str, part: str, answer: str) -> None:
    rows = [match.span() for match in re.finditer(".+", text)]
    start = text.index(part)
    first, last = answer_in_row(question, text, rows, start, start + len(part))
    assert text[first:last] == answer


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("stage S water use", "8 l/min"),
        ("what is the water use in S stage", "8 l/min"),
        ("water use of the Trollo S", None),  # a model
        ("water use in stage s", None),  # a slip, or a word
        ("water use in stage MID", "6 l/min"),
    ],
)
def test_a_row_may_be_led_by_a_letter(question: str, cell: str | None) -> None:
    modes = "Stage: MID | Lamp: half | Water use: 6 l/min\nStage: S | Lamp: full | Water use: 8 l/min"
    assert marked(question, modes) == cell


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("which one is the heaviest", "Trollo T5: 31 kg | Trollo T7: 34 kg"),
        ("which trollo weighs most", "Trollo T5: 31 kg | Trollo T7: 34 kg"),
        ("which weight has the T5 at most", "31 kg"),  # of one
        ("which one did they test", "31 kg"),
        ("what is the heaviest load", "31 kg"),
    ],
)
def test_what_compares_several_is_told_by_all_of_a_row(question: str, answer: str) -> None:
    rows = [match.span() for match in re.finditer(".+", MODELS)]
    start = MODELS.index("31 kg")
    found = answer_in_row(question, MODELS, rows, start, start + len("31 kg"))
    assert MODELS[slice(*found)] == answer


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("weight of the Tovo S", "3 kg"),
        ("weight tovo s", "3 kg"),
        ("weight of the Tovo", None),  # of which is not said
        ("the Tovo's weight", None),
        ("weight of the Tovo L", "4 kg"),
        ("KX-2 steel", "5"),  # a unit's letter need not be said
    ],
)
def test_a_model_that_ends_in_a_letter_is_named_with_it(question: str, cell: str | None) -> None:
    sizes = "Weight | Tovo S: 3 kg | Tovo L: 4 kg\nSteel | KX-2 speed mm/s: 5 | KX-4 speed mm/s: 9"
    assert marked(question, sizes) == cell
