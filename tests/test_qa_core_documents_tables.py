from __future__ import annotations

import pytest

from qa_core.documents.tables import Cell, Grid, table_lines


def lines(rows: list[list[str]], n_head: int | None = 1) -> list[str]:
    return [line.text for line in table_lines(Grid(tuple(tuple(map(Cell, row)) for row in rows), n_head))]


def test_a_row_with_no_code_has_that_of_the_row_above():
    head = ["Error code", "Fault", "Cause"]
    rows = [
        ["F1", "Cold", "Fuse blown"],
        ["", "", "Lid open"],
        ["", "Hot", "Vent shut"],
        ["F2", "Wet", "Leak"],
    ]
    assert lines([head, *rows]) == [
        "Error code: F1 | Fault: Cold | Cause: Fuse blown",
        "Error code: F1 | Fault: Cold | Cause: Lid open",
        "Error code: F1 | Fault: Hot | Cause: Vent shut",
        "Error code: F2 | Fault: Wet | Cause: Leak",
    ]


def test_codes_are_keys_whatever_their_column_is_called():
    rows = [["E1", "Fuse blown"], ["", "Lid open"], ["E2", "Leak"]]
    assert lines([["", "Cause"], *rows])[1] == "E1 | Cause: Lid open"
    assert lines(rows, None)[1] == "E1 | Lid open"


def test_a_sum_and_a_row_of_another_kind_take_no_key():
    rows = [["Lid", "8 kg"], ["", "Total: 8 kg"], ["", "(all weights are net)"]]
    assert lines([["Model", "Weight"], *rows])[1:] == ["Weight: Total: 8 kg", "Weight: (all weights are net)"]
    assert lines([["Part", "Weight"], *rows])[1] == "Weight: Total: 8 kg"
    assert lines([["Part", "Weight"], ["Lid", "8 kg"], ["", "with the grip"]])[1] == "Weight: with the grip"


def test_a_row_that_repeats_the_head_says_nothing():
    head = ["Port", "Watts"]
    assert lines([["Port:", "Watts:"], ["A", "10"], head, ["B", "20"], head]) == [
        "Port: A | Watts: 10",
        "Port: B | Watts: 20",
    ]


def test_a_table_that_is_nothing_but_its_head_is_a_row():
    assert lines([["Port", "Watts"], ["Port", "Watts"]]) == ["Port | Watts"]


def test_a_cell_over_several_columns_with_nothing_beside_it_titles_the_rows_below():
    def spanned(text: str, *others: str) -> tuple[Cell, ...]:
        return (*[Cell(text)] * 3, *map(Cell, others))

    rows = [spanned("Sound:", "x = as sold"), spanned("Plugs", ""), spanned("Lid", "8 kg")]
    head = tuple(map(Cell, ["Part", "ST", "STE", "Notes"]))
    bare = tuple(map(Cell, ["Amplifier", "", "x", ""]))
    grid = Grid((head, rows[0], bare, rows[1], bare, rows[2]), 1)
    assert [(line.kind, line.text) for line in table_lines(grid)] == [
        ("paragraph", "Sound: x = as sold"),
        ("row", "Part: Amplifier | STE: x"),
        ("paragraph", "Plugs"),
        ("row", "Part: Amplifier | STE: x"),
        ("row", "Part, ST, STE: Lid | Notes: 8 kg"),
    ]


def test_models_name_columns_beside_words():
    rows = [
        ["Pump", "yes", "12 l/min", "24 l/min"],
        ["Guard", "no", "IP54", "IP65"],
        ["Lamp", "no", "5 W", "8 W"],
    ]
    assert lines([["Feature", "Maximum", "Sprint 300", "Sprint 500 Pro"], *rows], None)[0] == (
        "Feature: Pump | Maximum: yes | Sprint 300: 12 l/min | Sprint 500 Pro: 24 l/min"
    )
    assert lines([["Specification", "RX-2", "RX-2 Plus", "RX-4"], *rows], None)[2] == (
        "Specification: Lamp | RX-2: no | RX-2 Plus: 5 W | RX-4: 8 W"
    )


def test_codes_above_codes_and_measures_name_no_columns():
    valves = [["Inlet valve", "Y1", "K3"], ["Outlet valve", "Y2", "K4"], ["Drain", "Y3", ""]]
    assert lines(valves, None)[0] == "Inlet valve | Y1 | K3"
    faults = [["E01", "Too hot", "Let it cool"], ["E02", "Too cold", "Warm it"], ["E03", "Open", "Shut it"]]
    assert lines(faults, None)[0] == "E01 | Too hot | Let it cool"
    lamps = [["Lamp", "Max 5 W", "Max 8 W"], ["Pump", "yes", "no"], ["Fan", "no", "yes"]]
    assert lines(lamps, None)[0] == "Lamp | Max 5 W | Max 8 W"


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        ([["⚠ WARNING", "It is hot."]], ["WARNING: It is hot."]),
        ([["WARNING", "Life"], ["NOTICE", "Goods"]], ["WARNING | Life", "NOTICE | Goods"]),
        ([["Warning lamp", "It is red."]], ["Warning lamp | It is red."]),
    ],
)
def test_a_box_of_two_cells_is_led_by_its_signal_word(rows: list[list[str]], read: list[str]) -> None:
    grid = Grid(tuple(tuple(map(Cell, row)) for row in rows))

    assert [str(line) for line in table_lines(grid)] == read


@pytest.mark.parametrize("n_head", [None, 0, 1])
def test_columns_that_a_head_repeats_beside_each_other_are_one_table(n_head: int | None) -> None:
    rows = [["No.", "Part", "No.", "Part"], ["1", "Lid", "3", "Pump"], ["2", "Hose", "", ""]]
    assert lines(rows, n_head) == ["No.: 1 | Part: Lid", "No.: 2 | Part: Hose", "No.: 3 | Part: Pump"]


def test_columns_may_stand_beside_each_other_three_times_and_on_pages_with_one_head() -> None:
    head = ["Key", "Use", "Key:", "Use:", "Key", "Use"]
    rows = [["A", "Start", "B", "Stop", "C", "Wait"], head, ["D", "Go", "E", "Up", "F", "Down"]]
    assert lines([head, *rows], None) == [
        *("Key: A | Use: Start", "Key: D | Use: Go", "Key: B | Use: Stop"),
        *("Key: E | Use: Up", "Key: C | Use: Wait", "Key: F | Use: Down"),
    ]


def test_a_head_that_is_repeated_may_have_two_rows() -> None:
    rows = [["Drill", "Width", "Drill", "Width"], ["size", "in mm", "size", "in mm"], ["A", "6", "B", "7"]]
    assert lines(rows, None) == [
        "Drill / size: A | Width / in mm: 6",
        "Drill / size: B | Width / in mm: 7",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [["On", "Off", "On", "Off"], ["Off", "On", "Off", "On"]],  # values
        [["1 mm", "2 mm", "1 mm", "2 mm"], ["a", "b", "c", "d"]],
        [["Volts", "Volts"], ["a", "b"]],
        [["No.", "Part", "No.", "Part"]],
        [["No.", "Part", "No.", "Part"], ["1", "Lid", "2"]],
        [["No.", "Part", "No.", "Part", "Note"], ["1", "Lid", "2", "Pump", "new"]],
    ],
)
def test_other_rows_that_repeat_themselves_stay_as_wide_as_they_are(rows: list[list[str]]) -> None:
    assert lines(rows, None)[-1] == " | ".join(rows[-1])


def test_a_cell_that_reaches_over_repeated_columns_keeps_them_in_one_row() -> None:
    head = tuple(map(Cell, ["No.", "Part", "No.", "Part"]))
    grid = Grid((head, tuple(map(Cell, ["1", "Lid", "2", "Pump"])), (Cell("3"), *[Cell("Hose")] * 3)), 1)
    assert next(table_lines(grid)).text == "No.: 1 | Part: Lid | No.: 2 | Part: Pump"
