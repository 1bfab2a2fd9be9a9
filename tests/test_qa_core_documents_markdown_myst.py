"""The Markdown of Sphinx: directives are read as the page that is made of them, roles as their words."""

from __future__ import annotations

import pytest

from qa_core.documents.blocks import Heading
from qa_core.documents.markdown import read_markdown


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
