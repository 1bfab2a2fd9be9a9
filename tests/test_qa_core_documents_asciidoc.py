from __future__ import annotations

import time

from qa_core.documents import read_content
from qa_core.documents.sections import build_sections


def sections(text: str) -> list[tuple[tuple[str, ...], list[str]]]:
    content = read_content(text.encode(), ".adoc")
    found = build_sections(content.blocks, "M")
    return [(section.heading_path, section.text.split("\n")) for section in found]


def lines(text: str) -> list[str]:
    return [line for _, said in sections(text) for line in said if line]


def test_the_header_says_nothing_and_sections_are_levels():
    text = """
= Brisa 200 manual
Ann Other <ann@shop.example>
v1.2, 2031-01-02
:toc:
:fan: Brisa 200

The {fan} is a fan.

[[use]]
== Before use

Dial
~~~~

Turn it, see <<use>>, <<_before_use>> and <<before-use>>.

// not shown
////
nor this
////

== Care

Dust it.
"""
    assert sections(text) == [
        (("Brisa 200 manual",), ["The Brisa 200 is a fan."]),
        (("Before use",), [""]),
        (("Before use", "Dial"), ["Turn it, see Before use, Before use and Before use."]),
        (("Care",), ["Dust it."]),
    ]


def test_notes_keep_their_kind_and_blocks_their_titles():
    text = """
[WARNING]
.Mind the blade
====
It is sharp.

* It cuts.
====

TIP: Use a cloth
that is dry.

[source,sh]
----
wipe  *all*
----
"""
    assert lines(text) == [
        "Warning",
        "Mind the blade",
        "It is sharp.",
        "- It cuts.",
        "Tip",
        "Use a cloth that is dry.",
        "wipe  *all*",
    ]


def test_lists_are_nested_by_their_marks_and_hold_what_is_attached():
    text = """
. Fill it.
+
----
fill  --all
----
. Press the key
  until it beeps.
** A long beep is good.

.. Wait.
. Go on.

Text.

Lamp:: It is red.
Dial::
  It turns.
"""
    assert lines(text) == [
        "1. Fill it.",
        "  fill  --all",
        "2. Press the key until it beeps.",
        "  - A long beep is good.",
        "    1. Wait.",
        "3. Go on.",
        "Text.",
        "- Lamp: It is red.",
        "- Dial: It turns.",
    ]


def test_cells_fill_rows_and_may_span_several_places():
    text = """
.Codes
[cols="1,2",options="header"]
|===
|Code |Meaning

|E1 |Lid open
|E2
a|No water:

* Fill it.
.2+|E3 |Hot
|Cold
2+|At night
|E\\|4 |Wet
|===

|===
|a |b
|c |d
|===
"""
    assert lines(text) == [
        "Codes",
        "Code: E1 | Meaning: Lid open",
        "Code: E2 | Meaning: No water: Fill it.",
        "Code: E3 | Meaning: Hot",
        "Code: E3 | Meaning: Cold",
        "At night",
        "Code: E|4 | Meaning: Wet",
        "a | b",
        "c | d",
    ]


def test_macros_and_marks_are_their_words():
    text = """
Press btn:[Start] or kbd:[Ctrl+T], choose menu:File[Save], see https://x.example[the shop],
xref:a.adoc#b[Care].
*Bold*, _light_, #marked#, `+plain+`, H~2~O, a\\{b} and <<_to_come,later>>. image:on.png[On]

image::lid.png[Lid]
include::other.adoc[]
ifdef::pro[]
Shown.
endif::[]
"""
    assert lines(text) == [
        "Press Start or Ctrl+T, choose File > Save, see the shop, Care. "
        "Bold, light, marked, plain, H2O, a{b} and later. On",
        "Shown.",
    ]


def test_cells_may_stand_between_commas_colons_or_signs_of_the_tables_own():
    codes = 'Code,Meaning,Remedy\nE1,No paper,"Load it, then press OK"\nE2,"Jam ""inside""",Open it'
    rows = [
        "Code: E1 | Meaning: No paper | Remedy: Load it, then press OK",
        'Code: E2 | Meaning: Jam "inside" | Remedy: Open it',
    ]
    assert lines(f"[%header]\n,===\n{codes}\n,===") == rows
    assert lines(f"[%header,format=csv]\n|===\n{codes}\n|===") == rows
    assert lines("[%header]\n:===\nLamp:Meaning\nred:Fault\n:===") == ["Lamp: red | Meaning: Fault"]
    assert lines("[%header,format=csv,separator=;]\n|===\nLamp;Meaning\nred;Fault\n|===") == [
        "Lamp: red | Meaning: Fault"
    ]
    assert lines("[%header,cols=2*,separator=¦]\n|===\n¦Lamp ¦Meaning\n¦red ¦Fault|stop\n|===") == [
        "Lamp: red | Meaning: Fault|stop"
    ]


def test_a_quotation_that_never_ends_in_a_table_loses_no_cell():
    cells = "\n".join(f"K{i},{'long ' * 200}" for i in range(200))
    found = lines(f',===\nKey,"Value\n{cells}\n,===')
    assert any("K0" in line for line in found)
    assert any("K199" in line for line in found)


def test_the_next_item_ends_a_paragraph_that_is_attached_to_one():
    assert lines(". Open it.\n+\nNOTE: Slowly,\nwith both hands.\n. Close it.\n.. Push.\n") == [
        "1. Open it. Note: Slowly, with both hands.",
        "2. Close it.",
        "  1. Push.",
    ]


def test_a_long_word_below_the_title_is_read_at_once():
    started = time.process_time()
    assert lines(f"= Brisa 200\n{'KEY' * 1_000}=\n")
    assert time.process_time() - started < 5


def test_the_style_of_a_column_is_that_of_its_cells_below_the_head():
    text = """
[cols="1h,2*a"]
|===
|Key |Short |Long

|A
|* on
* off
|reset

l|B
d|*mute*
|===
"""
    assert lines(text) == ["Key: A | Short: • on • off | Long: reset", "Key: B | Short: mute"]
