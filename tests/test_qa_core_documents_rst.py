from __future__ import annotations

from qa_core.documents import read_content
from qa_core.documents.sections import build_sections


def sections(text: str) -> list[tuple[tuple[str, ...], list[str]]]:
    content = read_content(text.encode(), ".rst")
    found = build_sections(content.blocks, "M")
    return [(section.heading_path, section.text.split("\n")) for section in found]


def lines(text: str) -> list[str]:
    return [line for _, said in sections(text) for line in said if line]


def test_titles_are_levels_in_the_order_of_their_signs():
    text = "======\nBrisa\n======\n\nUse\n===\n\nDial\n----\n\nTurn it.\n\nCare\n====\n\nDust it.\n"
    assert [path for path, _ in sections(text)] == [("Brisa",), ("Use",), ("Use", "Dial"), ("Care",)]


def test_directives_say_what_the_page_shows():
    text = """
:orphan:

.. A remark for writers,
   over two lines.

.. note::

   Dry it first.

   .. warning:: It is *hot*.

.. raw:: latex

   \\newpage

.. toctree::

   other

.. figure:: lid.png
   :alt: Lid

   The lid.

.. list-table:: Lamps
   :header-rows: 1

   * - Lamp
     - Meaning
   * - red
     - charging

.. option:: --quiet

   Says nothing.

.. code-block:: sh

   wipe --all
"""
    assert lines(text) == [
        "Note",
        "Dry it first.",
        "Warning",
        "It is hot.",
        "The lid.",
        "Lamps",
        "Lamp: red | Meaning: charging",
        "- --quiet: Says nothing.",
        "wipe --all",
    ]


def test_lists_terms_and_code_keep_their_nesting():
    text = """
1. Plug it in.
#. Wait.

   * until it beeps
   * or goes on
     for long

Run::

   wipe  --all

Tank
   It holds water.

   Two litres.

:Weight: 3 kg

| First
| Second
"""
    assert lines(text) == [
        "1. Plug it in.",
        "2. Wait.",
        "  - until it beeps",
        "  - or goes on for long",
        "Run:",
        "wipe  --all",
        "- Tank: It holds water. Two litres.",
        "- Weight: 3 kg",
        "First",
        "Second",
    ]


def test_tables_in_frames_and_between_rules_keep_their_columns():
    text = """
===== ========
Code  Meaning
===== ========
E1    Lid open
E2    No water
===== ========

+------+-----------+
| Key  | Use       |
+======+===========+
| F1   | :kbd:`Esc`|
+------+-----------+
"""
    assert lines(text) == [
        "Code: E1 | Meaning: Lid open",
        "Code: E2 | Meaning: No water",
        "Key: F1 | Use: Esc",
    ]


def test_roles_links_and_substitutions_are_their_words():
    text = """
.. |fan| replace:: Brisa 200

.. _dial:

The dial
========

Turn the |fan| on as in :ref:`dial`, :ref:`there <dial>` or `the shop <https://x.example>`_, ``|fan|``,
|unit|.
Press :guilabel:`OK` [1]_.

.. [1] Not in
   winter.
"""
    assert lines(text) == [
        "Turn the Brisa 200 on as in The dial, there or the shop, |fan|, unit. Press OK [1].",
        "[1] Not in winter.",
    ]


def test_options_of_a_command_are_items():
    text = """
-q              Says less.
--level=<n>, /L n
                Is a term.
-o FILE, --out=FILE  Writes to a
                file.

Then -q  is text.
"""
    assert lines(text)[0] == "- -q: Says less."
    assert lines(text)[-2:] == ["- -o FILE, --out=FILE: Writes to a file.", "Then -q is text."]


def test_an_image_that_stands_for_a_word_is_said_by_its_text():
    assert lines(".. |key| image:: key.png\n   :alt: Menu\n\nPress |key| twice.\n") == ["Press Menu twice."]


def test_a_plain_name_of_a_link_loses_its_mark():
    text = ".. _Help: https://shop.example\n\nAsk Help_, not any_ or a_b.\n"
    assert lines(text) == ["Ask Help, not any_ or a_b."]


def test_a_session_keeps_its_lines():
    assert lines("Try:\n\n>>> level()\n3\n") == ["Try:", ">>> level()", "3"]
