"""The Markdown of Sphinx: directives are read as the page that is made of them, roles as their words."""

from __future__ import annotations

import time

import pytest

from qa_core.documents.blocks import Heading
from qa_core.documents.markdown.document import read_markdown
from qa_core.documents.markdown.myst_roles import with_titles


def lines(text: str) -> list[str]:
    blocks = read_markdown(text).blocks
    return ["#" * b.level + " " + b.text if isinstance(b, Heading) else str(b) for b in blocks]


@pytest.mark.parametrize("fence", ["```", "~~~", ":::"])
def test_notes_keep_their_kind_or_title_and_stay_in_their_step(fence: str):
    assert lines(
        f"# Hose\n\n{fence}{{warning}} Hot!\n:class: big\n\nWait **10 s**.\n{fence}\n\n1. Screw it on.\n\n"
        f"   {fence}{{note}}\n   Slowly.\n   {fence}\n\n2. Open the tap.\n\n"
        f"{fence}{{admonition}} Before you call\nWrite it down.\n{fence}\n"
    ) == [
        *("# Hose", "Warning", "Hot!", "Wait 10 s.", "1. Screw it on. Note: Slowly.", "2. Open the tap."),
        *("Before you call", "Write it down."),
    ]


def test_directives_may_stand_in_each_other():
    assert lines(
        "::::{tab-set}\n:::{tab-item} Android\n:sync: a\nTap *Pair*.\n:::\n:::{tab-item} iOS\nTap Add.\n"
        "```{tip}\nTwice.\n```\n:::\n::::\n\nGo on.\n"
    ) == ["Android", "Tap Pair.", "iOS", "Tap Add.", "Tip", "Twice.", "Go on."]


def test_what_only_builds_the_page_is_not_read():
    assert lines(
        "(hose)=\n# Hose\n\n```{toctree}\n:caption: Contents\n\nsetup\nuse\n```\n% to do\n\nScrew it on.\n\n"
        "```{figure} hose.png\n:width: 300px\n\nThe hose.\n```\n\n```{image} tap.png\n```\n\n+++\n"
    ) == ["# Hose", "Screw it on.", "The hose."]


def test_roles_are_their_words():
    assert lines("See {ref}`the hose <hose>`, press {kbd}`Ctrl+C`, add {term}`salt`. Write `{x}` as is.") == [
        "See the hose, press Ctrl+C, add salt. Write {x} as is."
    ]


def test_tables_and_terms_that_are_written_as_lists():
    assert lines(
        "```{list-table} Data\n:header-rows: 1\n\n* - Model\n  - Fuse\n* - DX-40\n  - 10 A,\n    gG\n```\n\n"
        '```{csv-table}\n:header: "Code", "Meaning"\n\n"E1", "No water, or little"\n```\n\n'
        "```{glossary}\nSalt\n  Softens water.\n\nRinse aid\nRA\n  Dries.\n```\n"
    ) == [
        *("Data", "Model: DX-40 | Fuse: 10 A, gG", "Code: E1 | Meaning: No water, or little"),
        *("- Salt: Softens water.", "- Rinse aid, RA: Dries."),
    ]


def test_code_stays_as_it_is():
    assert lines(
        "```{code-block} bash\n:linenos:\n\ndx {ref}`a`\n```\n\n```bash\n:x: {note}\n```\n\n```{r}\nx\n```"
    ) == [*("dx {ref}`a`", ":x: {note}", "x")]
    assert lines("Get `/a/{id}` and `b {x}` or `c`.\n\n:Mode: Eco\n") == [
        *("Get /a/{id} and b {x} or c.", ":Mode: Eco")
    ]


def test_a_glossary_may_be_written_as_a_definition_list_or_lack_definitions():
    assert lines(
        ":::{glossary}\nUPS\n: An uninterruptible {term}`power` supply.\n\nPDU\n: A power strip.\n"
        ":::\n\n"
        ":::{glossary}\nEco\n  Saves {kbd}`x*y*z`.\nTurbo\n:::\n"
    ) == [
        *("- UPS: An uninterruptible power supply.", "- PDU: A power strip."),
        *("- Eco: Saves x*y*z.", "Turbo"),
    ]


def test_tables_are_told_by_the_indent_of_their_marks_or_stay_lists():
    assert lines(
        "```{list-table}\n:header-rows: 1\n\n"
        "- - Name\n  - Value\n- - Fuse\n  - Two:\n    - 10 A\n    - 16 A\n```\n"
    ) == ["Name: Fuse | Value: Two: • 10 A • 16 A"]
    assert lines("```{list-table}\n* One\n* Two\n```\n") == ["- One", "- Two"]


def test_separated_values_may_have_another_delimiter_and_lone_quotation_marks():
    assert lines(
        "```{csv-table}\n:header: Code; Meaning\n:delim: ;\n\n"
        'E1; No water, or little\n"E2; Hot\nE3; Cold\n```\n'
    ) == [
        *("Code: E1 | Meaning: No water, or little", 'Code: "E2 | Meaning: Hot', "Code: E3 | Meaning: Cold"),
    ]


def test_words_of_roles_are_no_markdown():
    assert lines(
        "Edit {file}`__init__.py` and press {kbd}`<Del>` to remove it. Then close {code}`a*b*c`: "
        "10{sup}`3` W, H{sub}`2`O. Leave {octicon}`bell` as it is."
    ) == [
        "Edit __init__.py and press <Del> to remove it. Then close a*b*c: "
        "10³ W, H2O. Leave {octicon}bell as it is."
    ]


@pytest.mark.parametrize(("fence", "end"), [("````", "````"), (":::", ":::"), ("~~~", "~~~")])
def test_code_may_hold_shorter_fences(fence: str, end: str):
    assert lines(f"{fence}{{code-block}} md\n```python\nx\n```\n{end}\n\n## B\n\nText.\n") == [
        *("```python", "x", "```", "## B", "Text."),
    ]


def test_options_may_be_yaml_and_what_is_no_option_is_text():
    assert lines("```{note}\n---\nclass: tip\n---\nText\n```\n\n:::{tip}\n:Mode: Eco\n:::\n") == [
        *("Note", "Text", "Tip", "- Mode: Eco"),
    ]


def test_many_directives_in_each_other_and_ones_that_nothing_closes_lose_nothing():
    read = lines(":::{note}\nText.\n" * 1500)
    assert read.count("Text.") == 1500
    assert lines(":::{toctree}\nText.\n\n## B\n\nGo on.\n")[-2:] == ["## B", "Go on."]


def test_markdown_that_only_looks_like_sphinxs_stays():
    text = "Call `GET\n/users/{id}` and `GET /all` then.\n\n"
    text += "%APPDATA%\\Foo is the folder.\n\n% of all\n\n(a)=\nb\n"
    assert lines(text) == [
        *("Call GET /users/{id} and GET /all then.", "%APPDATA%\\Foo is the folder.", "% of all", "(a)= b"),
    ]
    assert lines("```{note}\nA\n```\n\n%APPDATA%\\Foo\n\nwith\n% b\n\n% c\n") == [
        *("Note", "A", "%APPDATA%\\Foo", "with % b"),
    ]


def test_the_words_of_a_role_begin_no_list():
    assert lines("1. Press {kbd}`Enter`.\n2. {kbd}`1.`\n") == ["1. Press Enter.", "2. 1."]


def test_raw_html_may_have_empty_lines():
    rows = "  <tr>\n\n    <td>Power</td>\n\n    <td>5 W</td>\n\n  </tr>\n"
    assert lines(f"```{{raw}} html\n<table>\n\n{rows}</table>\n```\n\nText.\n") == ["Power | 5 W", "Text."]


def test_a_reference_shows_the_title_of_the_heading_that_it_leads_to():
    assert lines(
        "See {ref}`fan-mode` and {ref}`other`.\n\n(fan-mode)=\n\n## Setting the *fan*\n\nText.\n"
    ) == [*("See Setting the fan and other.", "## Setting the fan", "Text.")]


def test_many_names_for_links_are_looked_up_in_time():
    named = [f"(name{at})=" if at % 2 else "" for at in range(60_000)]
    started = time.process_time()
    assert with_titles(["See {ref}`name1`.", *named, "## Hose"])[0] == "See {ref}`name1`."
    assert with_titles(["See {ref}`name59999`.", *named, "", "## Hose"])[0] == "See {ref}`Hose <name59999>`."
    assert time.process_time() - started < 3
