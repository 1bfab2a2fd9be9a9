from __future__ import annotations

import time
from pathlib import Path

import pytest

from qa_core.documents import read_content, read_document
from qa_core.documents.blocks import Heading
from qa_core.documents.sniff import sniff_text
from qa_core.types import ParsedManual

MANUAL = """\
FOLIO 540 PRINTER
=================

Please keep this
manual.

1. LOADING PAPER

1.1 Tray 1

To load paper:

1) Open the tray and
   hold it.
   a line more
2) Squeeze the guides:
   - Letter
     and Legal
   - A4

SAFETY NOTES

* Keep it dry.
* Turn it off when you are done with the print-
  ing.

Faults
------

Code      Meaning        Remedy
E-4       Paper jam      Open the lid.
E-5       No toner       Replace it.

Faults ............... 12
"""


def parse(folder: Path, data: bytes, name: str = "manual.txt") -> ParsedManual:
    (folder / name).write_bytes(data)
    return read_document(folder / name, folder)


def test_headings_steps_bullets_and_tables_are_found(tmp_path: Path) -> None:
    sections = parse(tmp_path, MANUAL.encode()).sections

    assert [(section.heading_path, section.text.split("\n")) for section in sections] == [
        (("FOLIO 540 PRINTER",), ["Please keep this manual."]),
        (("1. LOADING PAPER",), [""]),
        (
            ("1. LOADING PAPER", "1.1 Tray 1"),
            [
                "To load paper:",
                "1. Open the tray and hold it. a line more",
                "2. Squeeze the guides:",
                "  - Letter and Legal",
                "  - A4",
            ],
        ),
        (
            ("SAFETY NOTES",),
            ["- Keep it dry.", "- Turn it off when you are done with the printing."],
        ),
        (
            ("SAFETY NOTES", "Faults"),
            [
                "Code: E-4 | Meaning: Paper jam | Remedy: Open the lid.",
                "Code: E-5 | Meaning: No toner | Remedy: Replace it.",
            ],
        ),
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = (
        "Öffnen Sie die Klappe. Größe: 3 µm.\r\nFüllen Sie Wasser nach und schließen Sie das Gerät.\r\n" * 3
    )

    [section] = parse(tmp_path, text.encode(encoding)).sections

    assert section.text.startswith("Öffnen Sie die Klappe. Größe: 3 µm. Füllen Sie")


def test_curly_quotes_of_windows_survive(tmp_path: Path) -> None:
    [section] = parse(tmp_path, "The printer’s “Ready” light – 20 °C".encode("cp1252")).sections

    assert section.text == "The printer’s “Ready” light – 20 °C"


def test_cyrillic_without_a_mark_is_recognised(tmp_path: Path) -> None:
    text = "Откройте крышку принтера и загрузите бумагу в лоток. Закройте крышку и нажмите кнопку питания."

    [section] = parse(tmp_path, text.encode("cp1251")).sections

    assert section.text == text


def test_markdown_and_html_are_recognised_whatever_their_ending(tmp_path: Path) -> None:
    markdown = parse(tmp_path, b"# Folio\n\nHi.\n\n## Ink\n\nBuy **it**.\n", "a.txt")
    html = parse(tmp_path, b"<!DOCTYPE html><p>Press <b>OK</b>.</p>", "b.txt")

    assert markdown.sections[-1].text == "Buy it."
    assert html.sections[-1].text == "Press OK."


def as_lines(text: str) -> list[str]:
    blocks = read_content(text.encode(), ".txt").blocks
    return [f"{'#' * b.level} {b.text}" if isinstance(b, Heading) else str(b) for b in blocks]


def test_columns_under_a_broken_rule_are_a_table() -> None:
    assert as_lines(
        "TROUBLESHOOTING\n---------------\n"
        "Problem       Cause            Remedy\n"
        "-------       -----            ------\n"
        "No suction    Bag full         Replace the bag\n"
        "Smell         Filter wet       Dry the filter for\n"
        "                               24 hours\n"
    ) == [
        "## TROUBLESHOOTING",
        "Problem: No suction | Cause: Bag full | Remedy: Replace the bag",
        "Problem: Smell | Cause: Filter wet | Remedy: Dry the filter for 24 hours",
    ]


def test_names_over_an_unbroken_rule_head_a_table() -> None:
    assert as_lines(
        "7.2 Torques\n-----------\n\n"
        "  Joint            Torque  Remark\n"
        "  -------------------------------\n"
        "  Screw M5         2 Nm    do not oil\n"
        "  Long flange bolt 14 Nm   new gasket,\n"
        "                           not the old one\n"
        "\nUse a wrench.\n"
    ) == [
        "## 7.2 Torques",
        "Joint: Screw M5 | Torque: 2 Nm | Remark: do not oil",
        "Joint: Long flange bolt | Torque: 14 Nm | Remark: new gasket, not the old one",
        "Use a wrench.",
    ]


def test_rules_above_between_and_below_the_rows_are_no_underlines() -> None:
    assert as_lines(
        "Sizes in mm:\n\n"
        "====================\n"
        "              Max.\n"
        "Item          value\n"
        "====================\n"
        "Width            79\n"
        "--------------------\n"
        "Depth of it     580\n"
        "====================\n"
        "More is not allowed.\n"
    ) == [
        "Sizes in mm:",
        "Item: Width | Max. / value: 79",
        "Item: Depth of it | Max. / value: 580",
        "More is not allowed.",
    ]
    assert as_lines("Part\tNumber\n-----\nGroup gasket\tB-31\n") == ["Part: Group gasket | Number: B-31"]


@pytest.mark.parametrize(
    "title", ["Loading paper", "LOADING   PAPER", "1.1   Loading paper", "Loading   the long  paper"]
)
def test_a_title_over_an_unbroken_rule_stays_one(title: str) -> None:
    text = f"{title}\n-----------\nThe printer takes 500 sheets\nof plain paper.\n"
    assert as_lines(text) == [
        f"## {' '.join(title.split())}",
        "The printer takes 500 sheets of plain paper.",
    ]


def test_the_number_of_a_chapter_is_the_name_of_no_column() -> None:
    assert as_lines("1.1   Sizes\n-----------\nLetter      216 x 279 mm\nLegal       216 x 356 mm\n") == [
        *("## 1.1 Sizes", "Letter | 216 x 279 mm", "Legal | 216 x 356 mm")
    ]


@pytest.mark.parametrize(
    ("title", "below", "read"),
    [
        ("A.  Loading paper", "1.  Open it.\n2.  Load it.", ["1. Open it.", "2. Load it."]),
        ("IV   Loading paper", "Open it.   Take care.", ["Open it. Take care."]),
        (
            "Chapter    Loading paper",
            "Open it    at once.\nThen    wait.",
            ["Open it | at once.", "Then | wait."],
        ),
        ("Step 3:   Loading", "Tray:   open it\nPaper:  insert it", ["Tray: open it", "Paper: insert it"]),
        ("Q:  Does it beep?", "A:  Yes, twice.", ["A: Yes, twice."]),
        ("1. Open it   with care", "2. Close it  with care", ["2. Close it with care"]),
        ("Loading  paper", "Open the  tray.\nLoad the  paper.", ["Open the tray. Load the paper."]),
        ("Loading   paper", "-         Open it\n-         Load it", ["- Open it", "- Load it"]),
    ],
)
def test_a_heading_with_gaps_names_no_columns(title: str, below: str, read: list[str]) -> None:
    assert as_lines(f"{title}\n-----------------\n{below}\n") == [f"## {' '.join(title.split())}", *read]


def test_names_with_two_spaces_between_or_of_numbered_rows_head_a_table() -> None:
    assert as_lines("Code  Meaning\n-------------\nE4    Jam\nE5    Hot\n") == [
        *("Code: E4 | Meaning: Jam", "Code: E5 | Meaning: Hot")
    ]
    assert as_lines("No.   Part\n-----------\n1.    Lid\n2.    Tank\n") == [
        *("No.: 1. | Part: Lid", "No.: 2. | Part: Tank")
    ]


def test_a_table_ends_at_the_next_underlined_heading() -> None:
    assert as_lines("Name   Part\n-----------\nA1     Lid\nA2     Tank\nCare\n----\nRinse it.\n") == [
        *("Name: A1 | Part: Lid", "Name: A2 | Part: Tank", "## Care", "Rinse it.")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "It is cleaned with a soft cloth and dried.\n" * 4000 + "-------\n" + "It is dried.\n" * 4000,
        "Item   of the list\n-----------\n" * 4000,
        "".join(f"Item{' ' * (i % 7 + 2)}of the list\n-----------\nIt is dry.\n" for i in range(2000)),
        "Lid      2\n" * 4000 + "-----------\n" + "Tank     3\n" * 4000,
        "It is\n" + f"wide{' ' * 30_000}apart\n" * 3,
        "It is\n" + f"wide{' ' * 30_000}apart ... 3\n" * 3,
    ],
)
def test_a_long_text_without_empty_lines_is_read_at_once(text: str) -> None:
    started = time.process_time()
    assert as_lines(text)
    assert time.process_time() - started < 5


def test_a_line_that_reaches_over_a_column_is_in_no_table() -> None:
    assert as_lines("MODEL  T    of 2024\nA great espresso machine\n") == [
        "MODEL T of 2024 A great espresso machine"
    ]
    assert as_lines("   Tramonto     T2 and T3\n   A great espresso machine\n") == [
        "Tramonto T2 and T3 A great espresso machine"
    ]


def test_framed_tables_are_read() -> None:
    frame = "+------+-----------+\n"
    assert as_lines(
        f"{frame}| Code | Meaning   |\n{frame}| E1   | Motor hot |\n"
        f"|      | or blocked|\n| E2   | No bag    |\n{frame}"
    ) == ["Code: E1 | Meaning: Motor hot or blocked", "Code: E2 | Meaning: No bag"]
    assert as_lines(
        f"{frame}| Code | Meaning   |\n+======+===========+\n"
        f"| E1   | Motor hot |\n{frame}| E2   | No bag    |\n{frame}"
    ) == ["Code: E1 | Meaning: Motor hot", "Code: E2 | Meaning: No bag"]


def test_cells_of_frames_may_be_merged() -> None:
    assert as_lines(
        "+-------+-------------+\n"
        "|       |    Range    |\n"
        "| Item  +------+------+\n"
        "|       | Low  | High |\n"
        "+=======+======+======+\n"
        "| Flow  | 1 l  | 2 l  |\n"
        "+-------+------+------+\n"
        "| Noise | none at all |\n"
        "+-------+------+------+\n"
        "| Power | 5 W  | 9 W, |\n"
        "|       |      | rest |\n"
        "+-------+------+------+\n"
    ) == [
        "Item: Flow | Range / Low: 1 l | Range / High: 2 l",
        "Item: Noise | Range / Low, Range / High: none at all",
        "Item: Power | Range / Low: 5 W | Range / High: 9 W, rest",
    ]


def test_frames_may_be_drawn_or_open_at_the_sides() -> None:
    drawn = "┌──────┬───────────┐\n│ Code │ Meaning   │\n├──────┼───────────┤\n│ E1   │ Motor hot │\n"
    assert as_lines(f"{drawn}│ E2   │ No bag    │\n└──────┴───────────┘\n") == [
        *("Code: E1 | Meaning: Motor hot", "Code: E2 | Meaning: No bag")
    ]
    assert as_lines("Item  | T2  | T3\n------+-----+-----\nWidth | 790 | 1020\nDepth | 580 | 600\n") == [
        *("Item: Width | T2: 790 | T3: 1020", "Item: Depth | T2: 580 | T3: 600")
    ]
    assert as_lines("Setup | Network | Wi-Fi\nSetup | Network | LAN\nSetup | Sound | Volume\n") == [
        "Setup | Network | Wi-Fi Setup | Network | LAN Setup | Sound | Volume"
    ]
    assert as_lines("Press A | B to choose\nthen press C | D, and\nE | F to end.\n") == [
        "Press A | B to choose then press C | D, and E | F to end."
    ]


def test_a_line_that_ends_with_a_colon_may_stand_right_above_a_table() -> None:
    assert as_lines("Torques:\n  Screw M5 ....... 2 Nm\n  Bolt M8 ....... 18 Nm\n") == [
        *("Torques:", "Screw M5 | 2 Nm", "Bolt M8 | 18 Nm")
    ]


def test_columns_of_spaces_may_wrap() -> None:
    assert as_lines(
        "Light        Meaning              Remedy\nRed          Too hot, so that     Let it cool\n"
        "             it has stopped\nBlue         Cold                 None\n"
    ) == [
        "Light: Red | Meaning: Too hot, so that it has stopped | Remedy: Let it cool",
        "Light: Blue | Meaning: Cold | Remedy: None",
    ]


def test_names_and_values_that_dots_lead_to_are_a_table() -> None:
    assert as_lines(
        "Voltage .............. 230 V~, 50 Hz\nBurr diameter ........ 64 mm\nNoise . . . . . . . 71 dB(A)\n"
    ) == ["Voltage | 230 V~, 50 Hz", "Burr diameter | 64 mm", "Noise | 71 dB(A)"]
    assert as_lines("Wait for it ... then go on\nand do the rest.\n") == [
        "Wait for it ... then go on and do the rest."
    ]


def test_a_name_with_a_unit_heads_the_numbers_that_dots_lead_to() -> None:
    speeds = "A1 ................. 125\nA2 ................. 210\n"
    assert as_lines(f"Belt position ...... Speed (rpm)\n{speeds}") == [
        "Belt position: A1 | Speed (rpm): 125",
        "Belt position: A2 | Speed (rpm): 210",
    ]
    assert as_lines(f"Off ................ Stands still\n{speeds}")[0] == "Off | Stands still"


def test_page_headers_and_footers_between_form_feeds_go() -> None:
    page = "ACME V9 Manual\n\nText of part {0}.\n\nPage {0}\n"
    assert as_lines("\f".join(page.format(i) for i in (1, 2, 3))) == [
        "Text of part 1.",
        "Text of part 2.",
        "Text of part 3.",
    ]


def test_lines_that_count_the_pages_go_where_there_are_no_form_feeds() -> None:
    assert as_lines("Oil it.\n\n    - 3 -\n\nWipe it.\n\n-- 4 --\n\nClose it.\n\nPage 5 of 6\n") == [
        "Oil it.",
        "Wipe it.",
        "Close it.",
    ]
    assert as_lines("Look at this.\n\nPage 5 of 6\n")[-1] == "Page 5 of 6"


def test_a_title_in_capitals_may_stand_right_above_its_text() -> None:
    assert as_lines("STORAGE\nStore it dry and\ncool.\n\n* * *\n\nWARNING\n\nIt is hot.") == [
        "## STORAGE",
        "Store it dry and cool.",
        "WARNING",
        "It is hot.",
    ]


def test_items_with_letters_are_steps_as_those_with_numbers_are() -> None:
    assert as_lines(
        "To reset it:\na) Hold the key for\n   five seconds.\nb) Let go.\n\n"
        "1. Open:\na) the lid\nb) the door\n2. Close both.\n\n"
        "A. Unpack the pump. Keep the box.\n\nB. Mount it.\n\nC. Switch it on.\n"
    ) == [
        *("To reset it:", "a) Hold the key for five seconds.", "b) Let go."),
        *("1. Open:", "  a) the lid", "  b) the door", "2. Close both."),
        *("A. Unpack the pump. Keep the box.", "B. Mount it.", "C. Switch it on."),
    ]
    assert as_lines("a) Voltage ..... 230 V\nb) Power ..... 2 kW\n") == [
        *("a) Voltage | 230 V", "b) Power | 2 kW")
    ]
    assert as_lines("(a)   Stop it.\n(b)   Drain it.\n") == ["(a) Stop it.", "(b) Drain it."]
    assert as_lines("Getting started\na) Fill it.\nb) Close the lid.\n") == [
        *("Getting started", "a) Fill it.", "b) Close the lid.")
    ]


def test_letters_that_no_list_follows_from_stay_in_their_paragraph() -> None:
    assert as_lines(
        "The pump was built after\nA. Smith of Leeds, who\nbuilt it. Choose either\na) red or b) green.\n\n"
        "B. Jones drew it, and\nC. Brown sold it.\n"
    ) == [
        "The pump was built after A. Smith of Leeds, who built it. Choose either a) red or b) green.",
        "B. Jones drew it, and C. Brown sold it.",
    ]
    assert as_lines("A. SAFETY\n\nKeep it dry.\n\nB. CARE\n\nRinse it.\n") == [
        *("## A. SAFETY", "Keep it dry.", "## B. CARE", "Rinse it.")
    ]


def test_columns_between_tabs_are_a_table_however_wide_their_cells_are() -> None:
    assert as_lines("Code\tMeaning\nE1\tJam\nE2\tMotor too hot\n\nNoise\t41\nWeight\t3\n") == [
        *("Code: E1 | Meaning: Jam", "Code: E2 | Meaning: Motor too hot", "Noise | 41", "Weight | 3")
    ]
    assert as_lines("1.\tOpen it.\n2.\tClose it.\n\tThen wait.\n") == [
        "1. Open it.",
        "2. Close it. Then wait.",
    ]


def test_values_between_commas_or_semicolons_are_a_table() -> None:
    assert as_lines('Code,Meaning\nE1,Jam\nE2,"Hot, so wait"\n\nE3;Dry;no\nE4;Old;yes\nE5;Wet;no\n') == [
        *("Code: E1 | Meaning: Jam", "Code: E2 | Meaning: Hot, so wait"),
        *("E3 | Dry | no", "E4 | Old | yes", "E5 | Wet | no"),
    ]
    assert as_lines("Press it, then\nwait, then\nlet go, then\n") == [
        "Press it, then wait, then let go, then"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Cooling capacity 12,000 BTU\nHeating capacity 13,000 BTU\nAir flow 1,200 m3 per hour",
        "Length,mm\n1,200\n1,300",
        "git pull;\ngit add;\ngit push;",
        "mode=1;\nspeed=2;\nsave();",
        "mode=1;x\nspeed=2;y\nz=3;z",
        "int main(a,b)\nfoo(c,d)\nbar(e,f)",
        "Main(a,b)\nFoo(c,d)\nBar(e,f)",
        "Off,Pump at 0\n1,Low speed\n2,High speed",
        "press it,then\nwait,then\nlet go,stop",
        "Press it,wait.\nTurn it,wait.\nLift it,stop.",
    ],
)
def test_lines_with_commas_or_semicolons_that_are_no_plain_table_stay_text(text: str) -> None:
    assert as_lines(text) == [text.replace("\n", " ")]


def test_names_and_values_with_thousands_or_lists_stay_lines_of_their_own() -> None:
    for text in (
        "Price: 1,200 EUR\nWeight: 1,500 kg\nCapacity: 2,000 l",
        "Mode: on;off\nSpeed: low;high\nLamp: red;blue",
    ):
        assert as_lines(text) == text.split("\n")


def test_a_table_between_commas_may_have_numbers_beside_each_other() -> None:
    assert as_lines("Model,Power (W),Weight\nP1,200,3\nP2,300,4\n") == [
        "Model: P1 | Power (W): 200 | Weight: 3",
        "Model: P2 | Power (W): 300 | Weight: 4",
    ]


def test_names_and_values_with_colons_stay_lines_of_their_own() -> None:
    assert as_lines("Voltage: 230 V\nPower: 20 W\n\nQ: Is it heavy?\nA: No.\n") == [
        *("Voltage: 230 V", "Power: 20 W", "Q: Is it heavy?", "A: No.")
    ]
    assert as_lines("Note: it is heavy, and it\nalways: stays so.\n") == [
        "Note: it is heavy, and it always: stays so."
    ]


def test_steps_by_name_boxes_to_tick_and_roman_numbers_are_items() -> None:
    assert as_lines(
        "Step 1: Open it.\nStep 2: Close it.\n\n[ ] Lamp is off\n[x] Fuse is whole\n\n"
        "i) first\nii) second\niii) third\n"
    ) == [
        *("1. Open it.", "2. Close it.", "- Lamp is off", "- Fuse is whole"),
        *("i) first", "ii) second", "iii) third"),
    ]


def test_headings_by_underline_keep_their_letters_and_nothing_else() -> None:
    assert as_lines("A. General\n==========\n\nDry.\n\nB. Safety\n==========\n\nCold.\n") == [
        *("# A. General", "Dry.", "# B. Safety", "Cold.")
    ]
    assert as_lines("a) General\n-----\nDry.\n\nb) Safety\n-----\nCold.\n") == [
        *("## a) General", "Dry.", "## b) Safety", "Cold.")
    ]


def test_roman_numbers_below_letters_and_in_capitals_are_items() -> None:
    assert as_lines("a) one\nb) two\nc) three\ni) extra\nii) extra2\nd) four\n") == [
        *("a) one", "b) two", "c) three", "  i) extra", "  ii) extra2", "d) four")
    ]
    assert as_lines("a) one\ni) extra\nii) extra2\nb) two\n") == [
        *("a) one", "  i) extra", "  ii) extra2", "b) two")
    ]
    assert as_lines("I. Do x.\nII. Do y.\nIII. Do z.\n") == ["I. Do x.", "II. Do y.", "III. Do z."]
    assert as_lines("g) one\nh) two\ni) three\nj) four\n") == ["g) one h) two i) three j) four"]
    letters = [f"{letter}) it" for letter in "abcdefghijk"]
    assert as_lines("\n".join(letters)) == letters


def test_a_framed_line_with_a_bar_more_keeps_all_its_parts() -> None:
    table = "| Code | Remedy |\n|------|--------|\n| E-4  | Press A|B key |\n|      | and wait |\n"
    assert as_lines(table)[-1] == "E-4 | Press A and wait | B key"


def test_values_that_dots_lead_to_are_no_contents_and_titles_of_the_text_are() -> None:
    assert as_lines("Ports ............ 8\nWeight ........... 3 kg\nFans ............. 2\n") == [
        "Ports | 8",
        "Weight | 3 kg",
        "Fans | 2",
    ]
    contents = "1.1 Setup ........ 3\nThe use of all its\n  buttons ........ 4\n1.3 Care .......... 9\n"
    assert as_lines(f"{contents}\n1.1 Setup\n\nPlug it in.\n") == [
        "The use of all its",
        "## 1.1 Setup",
        "Plug it in.",
    ]


def test_a_hyphen_at_a_lines_end_goes_where_the_word_stands_whole_elsewhere() -> None:
    assert as_lines("It is user-\nfriendly. Do not wash photo-\ngraphs. Dry photographs.\n") == [
        "It is user-friendly. Do not wash photographs. Dry photographs."
    ]


def test_a_measure_at_the_beginning_of_a_line_is_no_number_of_a_heading() -> None:
    assert as_lines("2.4 GHz Wi-Fi on all models\n") == ["2.4 GHz Wi-Fi on all models"]


def test_a_quotation_that_never_ends_makes_no_table_and_no_error() -> None:
    rows = ['"0;1', *(f"{i};" + "word " * 300 + "end" for i in range(100))]
    assert as_lines("\n".join(rows) + "\n")[0].startswith('"0;1 0;word')


def test_comments_in_front_of_a_page_are_passed_in_time() -> None:
    started = time.process_time()
    assert sniff_text("<!-- x -->\n" * 40 + "plain", ".txt") == "text"
    assert sniff_text("<!-- x -->\n" * 40 + "<html>", ".txt") == "html"
    assert time.process_time() - started < 5


def test_a_text_may_name_what_a_pdf_begins_with(tmp_path: Path) -> None:
    parsed = parse(tmp_path, b"# Faults\n\nThe file begins with %PDF-1.7 then.\n", "manual.md")
    assert [section.text for section in parsed.sections] == ["The file begins with %PDF-1.7 then."]


SHOUTED = b"""TARNO BLENDER T1

SAFETY

DO NOT IMMERSE THE MOTOR BASE IN WATER

Wipe it with a damp cloth.

E-4: LID NOT LOCKED

E-5: MOTOR OVERHEATED - WAIT 20 MINUTES

CLEANING

RINSE THE JUG AFTER EVERY USE
"""


def test_what_is_said_in_capitals_is_text(tmp_path: Path) -> None:
    sections = {section.heading_path: section.text for section in parse(tmp_path, SHOUTED).sections}
    assert sections["SAFETY",].split("\n") == [
        "DO NOT IMMERSE THE MOTOR BASE IN WATER",
        "Wipe it with a damp cloth.",
        "E-4: LID NOT LOCKED",
        "E-5: MOTOR OVERHEATED - WAIT 20 MINUTES",
    ]
    assert sections["CLEANING",] == "RINSE THE JUG AFTER EVERY USE"


CHAPTERS = """Marvik Fridge F40

1. Safety

Do not open the back of the fridge while it is plugged in.

2. Daily operation

Turn the knob to 4. The fridge needs two hours to cool down.

3. Error codes

E1 means that the door is open, E2 that the sensor is broken.
"""


def test_numbered_titles_in_small_letters_are_headings(tmp_path: Path) -> None:
    paths = [section.heading_path for section in parse(tmp_path, CHAPTERS.encode()).sections]
    assert paths[1:] == [("1. Safety",), ("2. Daily operation",), ("3. Error codes",)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Do not open the back of the fridge while it is plugged in.", "It is heavy."),
        ("2. Daily operation", "4. Daily operation"),
        ("2. Daily operation", "2. Daily operation of the fridge and the freezer"),
        ("Turn the knob to 4. The fridge needs two hours to cool down.\n\n", ""),
    ],
    ids=["notes below steps", "no count", "a sentence", "one without text"],
)
def test_steps_that_stand_apart_are_no_headings(tmp_path: Path, before: str, after: str) -> None:
    text = CHAPTERS.replace(before, after).replace("E1 means that the door is open, E2 that", "E1 is")
    [section] = parse(tmp_path, text.encode()).sections
    assert "1. Safety" in section.text


@pytest.mark.parametrize(
    "footer",
    ["1.2                 May 2024                PUMPD(1)", "PUMPD(1)          May 2024          1.2", ""],
)
def test_the_header_and_footer_of_a_man_page_are_furniture(tmp_path: Path, footer: str) -> None:
    header = "PUMPD(1)            User Commands           PUMPD(1)"
    text = f"{header}\n\nNAME\n       pumpd - run a pump\n\nSEE ALSO\n       shaftd(8)\n\n{footer}\n"

    sections = parse(tmp_path, text.encode()).sections

    assert [(section.heading_path, section.text) for section in sections] == [
        (("NAME",), "pumpd - run a pump"),
        (("SEE ALSO",), "shaftd(8)"),
    ]


def test_a_last_line_that_names_a_man_page_is_no_footer_without_its_header(tmp_path: Path) -> None:
    text = "NAME\n       pumpd - run a pump\n\nSEE ALSO\n       shaftd(8)\n\nHelp  pumpd(1)\n"

    assert parse(tmp_path, text.encode()).sections[-1].text.endswith("Help pumpd(1)")


def test_a_legend_may_stand_right_below_what_it_is_called() -> None:
    legend = "Terminals\nT1    Heating pump\nT2    Room sensor\n"
    blocks = read_content(legend.encode(), ".txt").blocks

    assert [block.text for block in blocks] == ["Terminals", "T1 | Heating pump", "T2 | Room sensor"]


@pytest.mark.parametrize("word", ["WARNING", "GEFAHR", "VORSICHT"])
def test_a_signal_word_alone_is_no_heading(word: str) -> None:
    blocks = read_content(f"{word}\n\nThe plate is hot.\n".encode(), ".txt").blocks

    assert not any(isinstance(block, Heading) for block in blocks)


def _printed(pages: list[str], *, header: str = "", footer: str = "", first: int = 1) -> str:
    """Pages of 30 lines each, as programs print them that know no form feeds."""
    lines: list[str] = []
    for number, page in enumerate(pages, first):
        head = ["", "", f"        {header.format(number)}".rstrip(), "", ""]
        body = [*head, *page.split("\n")]
        lines += [*body, *[""] * (27 - len(body)), footer.format(number), "", ""]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("header", "footer"),
    [("Mill book", "M-4     {}"), ("Mill book   {}", ""), ("Mill book {}", "M-4"), ("", "M-4    {}")],
)
def test_headers_and_footers_at_one_distance_go_and_a_sentence_goes_on_over_them(
    header: str, footer: str
) -> None:
    pages = ["1.1.  Use\n\nFill the\nmill and", "press\nthe key.", "1.2.  Care\n\nWipe it.", "Dry it."]
    assert as_lines(_printed(pages, header=header, footer=footer)) == [
        *("## 1.1. Use", "Fill the mill and press the key."),
        *("## 1.2. Care", "Wipe it.", "Dry it."),
    ]


def test_lines_with_numbers_that_do_not_count_pages_stay() -> None:
    text = "\n".join(
        f"Setting {number}\n\nTurn it.\n" + "\n" * lines for number, lines in enumerate((20, 25, 20))
    )
    assert as_lines(text)[::2] == ["Setting 0", "Setting 1", "Setting 2"]


@pytest.mark.parametrize("heading", ["Channel {}", "Table {0}: Screws of size {0}"])
def test_headings_with_numbers_at_one_distance_and_what_stands_around_them_stay(heading: str) -> None:
    parts = [f"{heading.format(number)}\n\nM{number}\n" + "\n" * 20 for number in (1, 2, 3)]
    lines = as_lines("\n".join(parts))
    assert lines == [each for number in (1, 2, 3) for each in (heading.format(number), f"M{number}")]


def test_words_that_a_justified_text_divides_are_made_whole() -> None:
    text = (
        "The  mill  takes  beans for security and the hopper\n"
        "is safe. The tem-\nperature of the  burr  may be set by  hand. Take-\noff is not  off. Take it.\n"
    )
    assert as_lines(text) == [
        "The mill takes beans for security and the hopper is safe. The temperature of the burr may be set by "
        "hand. Take-off is not off. Take it."
    ]
    assert as_lines("It has a bean-\nfriendly burr.\n") == ["It has a bean-friendly burr."]


def test_words_that_a_cell_of_a_frame_divides_are_made_whole() -> None:
    rule = "+----+--------+"
    cells = ["|P   | tempe- |", "|    | rature |", "|Q   | pre-   |", "|    | and    |", "|    | rinse  |"]
    frame = "\n".join([rule, "|Key | Shows  |", rule, *cells, rule, ""])
    assert as_lines(f"Set the temperature.\n\n{frame}")[1:] == [
        "Key: P | Shows: temperature",
        "Key: Q | Shows: pre- and rinse",
    ]
