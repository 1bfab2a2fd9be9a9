"""Codes and models that questions name and manuals lack."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import pytest

from qa_core.asked.codes import Codes
from qa_core.asked.numbered_names import codes_in
from qa_core.asked.written_codes import WrittenCodes, as_written

TEXTS = (
    (
        "Messages",
        "Code: E04 | Meaning: Paper jam\nCode: E05 | Meaning: Cover open\nCode: E-12 | Meaning: Hot",
    ),
    (
        "Models",
        "Hood washers of the series: HX 510, HX 520 and HX 530. Works with PowerRail 500 or PowerRail 750.",
    ),
    (
        "Lists",
        "Types RT 110/120/130. Switches SW 1, 2 and 3, SW 5, SW 6. Lamps L1 through L9, H1 ~ H9, K1 – K9. "
        "ISO 64 to 25,600, ISO 100, ISO 200. A1 and A2 set the time. Zoom X2, X4. C1, C2, USB 2.0, USB 3.0. "
        "TC 24-50 and TC 48-70 chargers. M 8 min. pressure, M 6, M 7, 'Q4', Q1, Q2, EX-Q3.",
    ),
    ("Cuffs", "Cuffs CF-42M and CF-46L. Parameters P01 to P40. Fit both M4 screws."),
    (
        "Menus",
        "Menu 01: language. Menu 02: tone. Menu 03: clock. Press OK 3 seconds, to test OK 5 seconds.",
    ),
)
FAULTS = (
    "Fault codes",
    "Code: E21, E22 | Meaning: Hot\nCode: E30–E39 | Meaning: Cold\nCode: E40 / E41 | Meaning: Dry",
)


def codes_of(
    product: str, products: Iterable[str], texts: Sequence[tuple[str, str]], titles: Iterable[str] = ()
) -> Codes:
    return Codes(product, products, texts, WrittenCodes(texts), titles)


TRAIL = codes_of("Calvero Trail 5", ("Calvero Trail 3", "Calvero Trail 5"), TEXTS)
MOWER = codes_of("Mossi X1 mower", ("Mossi X1 mower", "Mossi X2 mower"), (("Blades", "Fit 3 blades."),))


@pytest.mark.parametrize(
    "question",
    [
        "range of the Trail 7?",
        "what does error E77 mean",
        "E-6?",
        "error 99",
        "what does error e77 mean",
        "fault code: e-77",
        "HX 540 tank volume",
        "the HX540's tank",
        "cuff CF-47M",
        "default of P99",
        "A fault code 99?",
        "the display shows code 99",
        "HX-540 or PowerRail 500",
        "calvero trail 7 range",
        "fuse for the TC 36-50",
        "charging time of the PowerRail 1000",
        "what is e77",
        "an error at e77",
        "hx 540 tank volume",
        "the hx540's tank",
        "powerrail 1000 charging time",
    ],
)
def test_what_looks_like_the_manuals_codes_and_is_none_is_lacking(question: str) -> None:
    assert TRAIL.lack(question)


@pytest.mark.parametrize(
    "question",
    [
        "range of the Trail 5?",
        "E4 or e-04 or E77",  # there is an answer to one of them
        "error e5",
        "warning m9 screws",
        "error version7",
        "error 12",
        "Hx-510 tank volume",
        "default of P17",  # P01 to P40
        "menu 60",
        "How do I clear a 2-sheet jam at E-5?",
        "a 3000-page month",
        "A 24-hour run",
        "A 3/4 inch hose",
        "it's 35 outside",
        "USB-C 3.2",
        "what's 2 + 3",
        "does it take USB 3.2",
        "set 3 clocks, 2 of 4 of them on 2",
        "SET 3, OF 4, ON 2",
        "RT 130",
        "fuse for the TC 48-70",
        "Q4, is it Q3?",
        "IP67 with M9 screws?",
        "SW 2",
        "L5, H5 and K5",
        "ISO 12,800",
        "ISO 12800",
        "1920 x 1080",
        "5 x 20 fuse",
        "5 X 20 fuse",
        "access code 123",
        "enter code 000",
        "the code 1234",
        "set alarm 99",
        "alarm 6:30",
        "alarm 99 am",
        "error 33 out of 50 times",
        "warning 33 beeps",
        "message 33 of 70",
        "Trail 7 km long",
        "can I trail 2 children",
        "press OK 2 times",
        "PIN 1234",
        "trail of 7 km",
        "M8 screws",  # one M4 is no row of them
        "WPA2",
        "how long does it take",
    ],
)
def test_what_the_manuals_have_or_count_nowhere_is_not_lacking(question: str) -> None:
    assert not TRAIL.lack(question)


def test_a_word_of_the_name_with_numbers_in_the_text_makes_models() -> None:
    drive = codes_of("Tormek Glide drive", ("Tormek Glide drive",), (("Types", "Glide 600, Glide 800."),))
    asked = ("weight of the Glide 300", "Glide 800?", "glide 30 cm up", "tormek glide 300")
    assert [drive.lack(each) for each in asked] == [True, False, False, True]


def test_a_sister_of_the_product_is_lacking() -> None:
    assert [MOWER.lack(f"blades of the {model}") for model in ("X1", "X2", "X3")] == [False, True, True]
    assert MOWER.lack("mossi x3 blades")
    assert not MOWER.lack("is the X1 louder than the X2")


def test_the_row_of_another_product_is_no_row_of_this_one() -> None:
    kettle = codes_of("Kettle", ("Kettle", "Mossi X1 mower", "Mossi X2 mower", "Mossi X5 mower"), ())
    assert not kettle.lack("is it an X3")


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [("error 22", False), ("E35", False), ("error 35", False), ("fault 41", False), ("fault 50", True)],
)
def test_every_code_of_a_row_is_read(question: str, is_lacking: bool) -> None:
    assert codes_of("Boiler", ("Boiler",), (FAULTS,)).lack(question) == is_lacking


def test_versions_that_the_text_tells_of_are_known() -> None:
    codes = codes_of("Netvia", ("Netvia",), (("Update", "With firmware 4.1 the lamp is green."),))
    assert [codes.tell_of_version(each) for each in ("4.1", "9")] == [True, False]


UPS = WrittenCodes(
    [("Fault codes", "Code: F-02 | Meaning: Overload\nCode: W-02 | Meaning: Weak\nCode: F14 | Hot")]
)


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("error 5 on the display", "error E05 on the display"),
        ("Error code 04?", "Error code E04?"),
        ("message no. 12", "message no. E-12"),
        ("error 99", "error 99"),
        ("error 5 times", "error 5 times"),
        ("error E05 after 5 minutes", "error E05 after 5 minutes"),
        ("menu 4", "menu 4"),
        ("enter code 0005", "enter code 0005"),
        ("set alarm 5", "set alarm 5"),
        ("error 5 out of 7 times", "error 5 out of 7 times"),
    ],
)
def test_a_fault_s_number_finds_its_code(question: str, spelled: str) -> None:
    assert as_written(question, [WrittenCodes(TEXTS)]) == spelled


def test_of_several_codes_of_a_number_the_one_that_begins_as_the_word_is_meant() -> None:
    words = ("fault 2", "warning 2", "code 2", "alarm 14")
    assert [as_written(each, [UPS]) for each in words] == [
        "fault F-02",
        "warning W-02",
        "code 2",
        "alarm F14",
    ]


def test_of_several_spellings_of_a_code_the_same_one_is_taken_each_time() -> None:
    rows = "\n".join(f"Code: {code} | Meaning: Hot" for code in ("E5", "E05", "E-5", "E_5", "E-05", "E 5"))
    assert as_written("error 5", [WrittenCodes([("Faults", rows)])]) == "error E 5"


def test_a_number_that_shares_its_cell_with_a_text_is_as_it_stands() -> None:
    lathe = WrittenCodes([("Codes", "Code: M51 | Meaning: Air on")])
    till = WrittenCodes([("Messages", "Message: 51 No money | Meaning: Poor\nMessage: 52 Lost | Old")])
    assert as_written("code 51", [lathe, till]) == "code 51"
    assert as_written("code 51", [lathe]) == "code M51"


def test_a_number_that_two_products_count_differently_finds_no_code() -> None:
    other = WrittenCodes([("Alarms", "Code: A5 | Meaning: Dry\nCode: E-4 | Meaning: Hot")])
    assert as_written("error 5 or error 4", [WrittenCodes(TEXTS), other]) == "error 5 or error E04"


def lacks(product: str, text: str, question: str) -> bool:
    return codes_of(product, (product,), [("Data", text)]).lack(question)


@pytest.mark.parametrize(("question", "is_lacking"), [("Er5 on the ReefMaster", True), ("Er7?", False)])
def test_a_code_may_have_a_small_second_letter(question: str, is_lacking: bool) -> None:
    text = "Er1: No water\nEr2: Pump stuck\nEr4: Sensor broken\nEr7: Too hot"
    assert lacks("ReefMaster", text, question) is is_lacking


@pytest.mark.parametrize(("question", "is_lacking"), [("SW5-8000 weight", True), ("SW5-5000 weight", False)])
def test_a_model_may_differ_behind_its_hyphen(question: str, is_lacking: bool) -> None:
    text = "The SW5-3000 weighs 11.5 kg, the SW5-5000 16 kg. The SW5-HV is for 800 V."
    assert lacks("Sunwright SW5", text, question) is is_lacking


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [("battery size auralia 40", True), ("battery size auralia 30?", False), ("auralia 2 batteries", False)],
)
def test_a_question_may_end_with_a_model_in_small_letters(question: str, is_lacking: bool) -> None:
    text = "The Auralia 20 has a 312 battery. The Auralia 30 has a 13 battery."
    products = ("Auralia 20", "Auralia 30")
    assert codes_of("Auralia 20", products, [("Data", text)]).lack(question) is is_lacking


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("weight of the gr 620", True),
        ("gr-620?", True),
        ("weight of the gr 610", False),
        ("gr 620 plates", False),  # which counts
        ("can I wash it in 24 hours", False),
        ("what is wired to port 9", False),  # an ordinary word of the manual
        ("what is wired to PORT 9", True),
        ("is the port9 free", True),
        ("a 9 or b 9", False),
    ],
)
def test_a_model_in_small_letters_is_none_where_its_letters_are_a_word(
    question: str, is_lacking: bool
) -> None:
    text = (
        "GR 610 and GR 630 differ in weight. PORT 1, PORT 2 and PORT 3: each port is one. Slots B1, B2, B3."
    )
    assert lacks("Quellbach", text, question) is is_lacking


def test_the_product_s_own_model_may_be_in_small_letters() -> None:
    washer = codes_of("Quellbach GR 6", ("Quellbach GR 6",), [("Data", "GR 610: 44 kg, GR 630: 46 kg")])
    assert [washer.lack(f"weight {model}") for model in ("gr 620", "gr 610", "gr 6")] == [True, False, False]


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("fuse of the VC 36/80", True),
        ("VC 60/100 fuse", True),  # of two of them a half each
        ("fuse of the VC 24/60", False),
        ("cable for the VC 80", False),
        ("RT 110/130", False),  # a list of models
        ("SW 1/4", False),  # switches that stand alone, too
    ],
)
def test_a_model_may_have_two_numbers(question: str, is_lacking: bool) -> None:
    text = "VC 24/60, VC 48/100 and VC 80/150. Types RT 110/120/130. Switches SW 1/2, SW 3/4; SW 1 is red."
    assert lacks("Voltmer", text, question) is is_lacking


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("SL-20W weight", True),
        ("sl-20w weight", True),
        ("SL-40W weight", False),
        ("SL-20 weight", False),
        ("SL-20X weight", True),  # no letter of these models
        ("the sl-20x's weight", True),
        ("SL-20F weight", False),  # of a part's number: "SL-20-F"
        ("sl-40i weight", False),  # "SL-40 i"
        ("weights of SL-20s", False),
        ("WEIGHTS OF SL-20S", False),
        ("the SL-20's 20W lamp at 40V", False),
        ("SL 20V supply", False),
        ("MegaFill 4B time", True),
        ("MegaFill 4th time", False),
        ("is an SL-20W an SL-40W", False),
        ("MegaFill 8A time for the bike", True),
        ("megafill 8a time", True),
        ("MegaFill 4A time", False),
    ],
)
def test_a_model_may_end_with_letters(question: str, is_lacking: bool) -> None:
    text = (
        "Printers SL-20, SL-40 and SL-40W, now the SL-40 i. Feet SL-20-F. "
        "The MegaFill 2, MegaFill 2A, MegaFill 4, MegaFill 4A and MegaFill 6A charge it."
    )
    assert lacks("Inkstrip", text, question) is is_lacking


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [("error 4004", True), ("error 404", True), ("alarm 3012", False), ("error 2004 times", False)],
)
def test_a_fault_s_number_may_have_four_digits(question: str, is_lacking: bool) -> None:
    rows = "\n".join(f"Number: {number} | Text: Cold" for number in (1021, 2003, 3012))
    printer = codes_of("Inkstrip", ("Inkstrip",), [("Error numbers", rows)])
    assert printer.lack(question) is is_lacking


def test_a_long_number_is_no_fault_beside_short_ones() -> None:
    assert not codes_of("Boiler", ("Boiler",), (FAULTS,)).lack("error 2024")


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("Auralia 6 how many users", True),
        ("users of the auralia 6", True),
        ("users of the Auralia 4", False),
        ("auralia 6 users", False),  # which counts
        ("Monitor 6 how many users", False),  # an ordinary word of the title
        ("MegaFill 8A time", True),
    ],
)
def test_where_a_folder_names_the_product_the_title_has_its_models_word(
    question: str, is_lacking: bool
) -> None:
    text = "Auralia 2 and Auralia 4: Monitor 1, Monitor 2; a monitor, MegaFill 2A, MegaFill 4A, MegaFill 6A."
    titles = ("Auralia MegaFill Monitor",)
    assert codes_of("care", ("care",), [("Data", text)], titles).lack(question) is is_lacking


def test_of_a_list_without_end_the_beginning_is_read() -> None:
    codes = list(codes_in("A1/" * 500))
    assert len(codes) == 500
    assert {len(code.numbers) for code in codes[:450]} == {50}


def test_a_code_in_front_of_many_spaces_is_read_at_once() -> None:
    started = time.process_time()
    assert [code.numbers for code in codes_in(f"E5{' ' * 50_000}x")] == [("5",)]
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("battery life with OL-B23", True),
        ("battery life with OL-B21", False),
        ("battery life with the B21", False),
        ("is the VG-B30 grip sold", False),  # there is no other one of its letters
        ("does it charge by USB-C 3 A", False),
    ],
)
def test_a_part_s_number_may_have_two_groups_of_letters(question: str, is_lacking: bool) -> None:
    text = "Battery: OL-B21 | Shots: 540\nCharger: OL-C21 | By USB-C 2 A"
    assert codes_of("Orlune", ("Orlune",), (("Power", text),)).lack(question) is is_lacking


def test_a_number_sign_may_stand_before_a_fault_s_number() -> None:
    texts = [(f"Failure #{number}", "Cause: heat.") for number in (1, 2, 3, 5)]
    oven = codes_of("Ofenta", ("Ofenta",), texts)
    assert [oven.lack(f"failure #{number}") for number in (5, 9)] == [False, True]


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("E06 on the bike", "E006 on the bike"),
        ("e6?", "E006?"),
        ("what is F6", "what is F5-F8"),
        ("what is F2", "what is F2"),
        ("E06.5 or at 6", "E06.5 or at 6"),
        ("E77", "E77"),
    ],
)
def test_a_code_is_spelled_as_the_rows_have_it(question: str, spelled: str) -> None:
    bike = WrittenCodes([("Codes", "E006 | Empty\nF1 F2 | Wet\nF5-F8 | Hot")])
    assert as_written(question, [bike]) == spelled


def test_a_code_that_two_products_write_differently_stays_as_it_is() -> None:
    bikes = [WrittenCodes([("Codes", f"{code} | Empty")]) for code in ("E006", "E06")]
    assert as_written("E6", bikes) == "E6"


@pytest.mark.parametrize(
    ("question", "is_lacking"),
    [
        ("SNR of mode 800XA", True),
        ("is 650E better than 600E", False),  # one of them is there
        ("SNR of 600D", False),
        ("runs at 240V and 180C, in 1080P", False),
        ("the 650th time", False),
        ("part 100-650XA", False),
    ],
)
def test_a_model_may_be_led_by_its_number(question: str, is_lacking: bool) -> None:
    assert lacks("Radio", "Mode: 600C | 2 dB\nMode: 600D | 1 dB\nMode: 600E | 0 dB", question) is is_lacking


def test_a_product_s_own_model_that_is_led_by_its_number_is_enough() -> None:
    camera = codes_of("orlune-700d", ("orlune-700d", "orlune 750d"), [("Power", "It takes 440 shots.")])
    assert [camera.lack(f"shots of the {model}") for model in ("700D", "750D", "850D")] == [
        False,
        False,
        True,
    ]
    assert not lacks("Radio", "One is the 600D.", "850E")


@pytest.mark.parametrize(
    ("question", "is_lacking"), [("is the X99 loud", True), ("the X53", False), ("X5", False)]
)
def test_an_x_with_a_long_number_is_a_model(question: str, is_lacking: bool) -> None:
    assert lacks("Cooler", "For X53, X63 and X73. Zoom X2.", question) is is_lacking


METER = [("Messages", "Message: Err 1 | Dirty\nMessage: Err 2 | Wet, see 4.6\nMessage: Err 4 | Cold")]


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("what does error 2 mean", "what does Err 2 mean"),
        ("fault no. 4", "Err 4"),
        ("err04 on the meter", "Err 4 on the meter"),
        ("msg 1 on the meter", "Err 1 on the meter"),
        ("error 7", "error 7"),
    ],
)
def test_a_fault_may_be_written_with_a_short_word_for_one(question: str, spelled: str) -> None:
    assert as_written(question, [WrittenCodes(METER)]) == spelled


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("E2 on the meter", "Err 2 on the meter"),
        ("e-02", "Err 2"),
        ("fault E 04", "fault Err 4"),
        ("er4?", "Err 4?"),
        ("E7", "E7"),
        ("the plate 2", "the plate 2"),
    ],
)
def test_a_lone_e_is_short_for_a_fault_behind_a_short_word(question: str, spelled: str) -> None:
    assert as_written(question, [WrittenCodes(METER)]) == spelled


def test_a_lone_e_is_itself_where_any_of_the_manuals_has_it() -> None:
    with_socket = WrittenCodes([*METER, ("Sockets", "Plug the probe into socket E2.")])
    assert as_written("E2 or E4", [with_socket]) == "E2 or Err 4"
    oven = WrittenCodes([("Faults", "Code: E2 | Hot\nCode: E3 | Cold")])
    assert as_written("what does E2 mean", [WrittenCodes(METER), oven]) == "what does E2 mean"


@pytest.mark.parametrize(("question", "is_lacking"), [("Err 6", True), ("err 6", True), ("Err 2", False)])
def test_a_fault_behind_a_short_word_is_lacking_where_there_are_others(
    question: str, is_lacking: bool
) -> None:
    assert codes_of("Meter", ["Meter"], METER).lack(question) is is_lacking


@pytest.mark.parametrize(
    ("row", "spelled"),
    [
        ("05", "what does err 05 mean"),
        ("F.05", "what does err F.05 mean"),
        ("ERR-05", "what does ERR-05 mean"),
    ],
)
def test_a_short_word_for_faults_may_be_joined_with_the_number(row: str, spelled: str) -> None:
    lathe = WrittenCodes([("Errors", f"Error: {row} | Hot\nError: 06 | Cold")])
    assert as_written("what does err5 mean", [lathe]) == spelled


def test_a_table_of_faults_is_one_whatever_its_heading_is() -> None:
    lathe = [
        ("Something is wrong", "Error: E5 | Cause: Hot\nError: E6 | Cause: Cold\nError: E7 | Cause: Wet")
    ]
    assert as_written("error 5", [WrittenCodes(lathe)]) == "error E5"
    codes = codes_of("Lathe", ["Lathe"], lathe)
    assert [codes.lack(each) for each in ("error 9", "error 6")] == [True, False]


EQUALS = (("Faults", "Shows: E=02 | Cause: Hot\nShows: E=03 | Cause: Wet\nShows: E=06 | Cause: Dry"),)


def test_a_code_with_an_equals_sign_is_one_of_its_row() -> None:
    codes = codes_of("Pintor", ("Pintor",), EQUALS)
    assert codes.lack("it shows E=09")
    assert codes.lack("E09 on the Pintor")
    assert not codes.lack("E03 on the Pintor")
    assert not codes.lack("set X=9")
    assert as_written("E03 on the Pintor", [WrittenCodes(EQUALS)]) == "E=03 on the Pintor"


def test_one_fault_of_some_letters_tells_of_others() -> None:
    rows = "Text: SRV 3 | Cause: No answer\nText: VALVE | Cause: Stuck\nText: HOSE | Cause: Bent"
    codes = codes_of("Pintor", ("Pintor",), (("Fault texts", rows),))
    assert codes.lack("SRV 9 on the Pintor")
    assert not codes.lack("SRV 3 on the Pintor")
    assert not codes.lack("the PC 9 on the Pintor")
