from __future__ import annotations

from qa_core.documents import read_content
from qa_core.documents.sections import build_sections


def sections(text: str) -> list[tuple[str, str]]:
    content = read_content(text.encode(), ".md")
    return [(section.heading_path[-1], section.text) for section in build_sections(content.blocks, "M")]


def lines(text: str) -> list[str]:
    return [line for _, said in sections(text) for line in said.split("\n") if line]


def test_a_table_in_frames_keeps_its_columns_and_the_lists_in_its_cells():
    text = """
+------+---------+------------------+
| No.  | Mode    | What it does     |
+:====:+=========+=================:+
| 3    | **Eco** | - dims the lamp  |
|      | night   | - locks the keys |
+------+---------+------------------+
| #4   | Boost   | > 5 V            |
+------+---------+------------------+

: The modes of the lamp {#tbl:modes}

Press OK.
"""
    assert lines(text) == [
        "The modes of the lamp",
        "No.: 3 | Mode: Eco night | What it does: • dims the lamp • locks the keys",
        "No.: #4 | Mode: Boost | What it does: > 5 V",
        "Press OK.",
    ]


def test_a_framed_table_with_merged_cells_keeps_its_groups():
    text = """
+------+---------+
| No.  | Mode    |
+======+=========+
| At night       |
+------+---------+
| 3    | Eco     |
+------+---------+
"""
    assert lines(text) == ["At night", "No.: 3 | Mode: Eco"]


def test_columns_below_the_parts_of_a_rule_are_a_table():
    headed = """
Before.

  Code   Meaning           Remedy
  ------ ----------------- ------------
  E1     Lid open          Close `it`.
  E2     No water          Fill the tank.

Behind.
"""
    bare = "------  --------\nE1      Lid open\nE2      No water\n------  --------\n"
    assert lines(headed) == [
        "Before.",
        "Code: E1 | Meaning: Lid open | Remedy: Close it.",
        "Code: E2 | Meaning: No water | Remedy: Fill the tank.",
        "Behind.",
    ]
    assert lines(bare) == ["E1 | Lid open", "E2 | No water"]


def test_rows_of_several_lines_are_rows_and_none_is_a_heading():
    text = """
# Errors

  -----------------------------------------
  Code   Meaning           Remedy
  ------ ----------------- ----------------
  E1     Lid open          Close the lid
                           firmly.

  E2     No water          Fill the tank.
  -----------------------------------------

  Table: What the
  display shows
"""
    assert sections(text) == [
        (
            "Errors",
            "What the display shows\n"
            "Code: E1 | Meaning: Lid open | Remedy: Close the lid firmly.\n"
            "Code: E2 | Meaning: No water | Remedy: Fill the tank.",
        )
    ]


def test_rules_titles_and_code_are_no_tables():
    text = "Lid open\n--------\n\na\n\n-----\n\nb\n\n```\n+---+---+\n| a | b |\n+---+---+\n```\n"
    assert sections(text) == [("Lid open", "a\nb\n+---+---+\n| a | b |\n+---+---+")]


def test_tables_that_are_drawn_below_items_are_theirs_and_indented_code_is_none():
    text = """
1.  Set the lamp:

    Lamp    Meaning
    ------- ---------
    Blue    Waiting
    White   Off

    Table: What it shows

2.  Then read:

    -   The codes

        +-------+-------------+
        | Code  | Remedy      |
        +=======+=============+
        | E1    | - Open it   |
        |       | - Close it  |
        +-------+-------------+

3.  Done.

Text.

    +-----+
    | not |
    +-----+
"""
    assert lines(text) == [
        "1. Set the lamp:",
        "  What it shows",
        "  Lamp: Blue | Meaning: Waiting",
        "  Lamp: White | Meaning: Off",
        "2. Then read:",
        "  - The codes",
        "    Code: E1 | Remedy: • Open it • Close it",
        "3. Done.",
        "Text.",
        "+-----+",
        "| not |",
        "+-----+",
    ]
