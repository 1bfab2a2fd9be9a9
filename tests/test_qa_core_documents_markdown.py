from __future__ import annotations

import time
from pathlib import Path

import pytest

from qa_core.documents import read_content, read_document
from qa_core.documents.blocks import Heading
from qa_core.documents.markdown.dialects import plain_markdown
from qa_core.types import ParsedManual


def parse(folder: Path, text: str, name: str = "manual.md") -> ParsedManual:
    (folder / name).write_text(text, encoding="utf-8")
    return read_document(folder / name, folder)


def lines(folder: Path, text: str) -> list[str]:
    return [line for section in parse(folder, text).sections for line in section.text.split("\n") if line]


def test_front_matter_is_metadata_and_no_text(tmp_path: Path) -> None:
    front = "title: Folio\nproduct: Folio 540\nversion: 3.10.1\nurl: https://acme.example\n"

    parsed = parse(tmp_path, f"---\n{front}---\n# Folio\n\nHi.\n")

    manual = parsed.manual
    assert (manual.title, manual.product, manual.version, manual.url) == (
        "Folio",
        "Folio 540",
        "3.10.1",
        "https://acme.example",
    )
    assert [section.text for section in parsed.sections] == ["Hi."]


def test_front_matter_that_is_no_yaml_says_nothing(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "---\ntitle: [a\n: }\n---\n# Folio\n\nHi.\n\n## Ink\n\nBuy.\n")

    assert (parsed.manual.title, parsed.manual.version) == ("Folio", None)


def test_headings_of_both_kinds_lists_tables_and_code(tmp_path: Path) -> None:
    text = """
Folio
=====

Paper
-----

To load:

1. Open the **tray**.
   Then wait.

   - Letter
   - A4
2. Close `it`.

| Code | Meaning |
|------|---------|
| E-4  | *Jam* \\| stop |

```
reset --all
now
```
"""
    parsed = parse(tmp_path, text)

    assert [section.heading_path for section in parsed.sections] == [("Folio",), ("Paper",)]
    assert parsed.sections[1].text.split("\n") == [
        "To load:",
        "1. Open the tray. Then wait.",
        "  - Letter",
        "  - A4",
        "2. Close it.",
        "Code: E-4 | Meaning: Jam / stop",
        "reset --all",
        "now",
    ]


def test_words_in_angle_brackets_that_are_no_html_stay(tmp_path: Path) -> None:
    text = "Press <OK> and type <serial number>.<br>\nThen <b>wait</b>.\n\n<div>Done</div>\n"

    assert lines(tmp_path, text) == ["Press <OK> and type <serial number>.", "Then wait.", "Done"]


def test_wrapped_lines_are_one_paragraph_and_scars_stay_text(tmp_path: Path) -> None:
    text = "Files\n*.wma WMA *.mid and\n2 * 3 * 4.\n\n* Shielded pair\n"

    assert lines(tmp_path, text) == ["Files *.wma WMA *.mid and 2 * 3 * 4.", "- Shielded pair"]


def test_definition_lists(tmp_path: Path) -> None:
    assert lines(tmp_path, "Tray\n: Holds paper.\n") == ["- Tray: Holds paper."]


def test_every_heading_ends_a_path_even_where_it_comes_twice_or_without_text(tmp_path: Path) -> None:
    text = "# TV\n\n## Guide\n\nText.\n\n## Cable\n\n## Guide\n\nText.\n\n## Guide\n\nOther.\n"

    assert [(s.heading_path[-1], s.text) for s in parse(tmp_path, text).sections] == [
        ("TV", ""),
        ("Guide", "Text."),
        ("Cable", ""),
        ("Guide", "Other."),
    ]


def as_lines(text: str) -> list[str]:
    blocks = read_content(text.encode(), ".md").blocks
    return [f"{'#' * b.level} {b.text}" if isinstance(b, Heading) else str(b) for b in blocks]


def test_front_matter_in_toml_is_metadata() -> None:
    content = read_content(
        b'\xef\xbb\xbf+++\r\ntitle = "X8"\r\nversion = "3.1"\r\n+++\r\n\r\nText.\r\n', ".md"
    )
    assert (content.metadata.title, content.metadata.version) == ("X8", "3.1")
    assert [str(block) for block in content.blocks] == ["Text."]


def test_broken_front_matter_gives_the_pairs_that_can_be_read() -> None:
    content = read_content(b"---\ntitle: Pump: P20\nproduct: [oops\nversion: 2\n---\n\nText.\n", ".md")
    assert content.metadata.title == "Pump: P20"
    assert (content.metadata.product, content.metadata.version) == (None, "2")


def test_notes_of_the_dialects_are_paragraphs_under_their_titles() -> None:
    assert as_lines(
        '# Pump\n\n## Use\n\n!!! warning "Hot"\n    Do not touch.\n\n    1. Wait.\n\n'
        '??? question "Does it not start?"\n    Push it.\n\n'
        ":::note Careful\nIt is 24 V.\n:::\n\n> [!TIP]\n> Stay near.\n"
    ) == [
        *("# Pump", "## Use", "Hot", "Do not touch.", "1. Wait.", "Does it not start?", "Push it."),
        *("Careful", "It is 24 V.", "Tip", "Stay near."),
    ]


def test_markup_of_site_generators_goes_and_its_text_stays() -> None:
    assert as_lines(
        "[TOC]\n\nimport Tabs from '@theme/Tabs';\n\n## Reset {#reset}\n\n"
        '<Tabs><TabItem value="a" label="Android">\n\nTap Reset.\n\n</TabItem></Tabs>\n\n'
        "{{< note >}}It beeps.{{< /note >}}\n\n- [ ] Lamp off\n- [x] Bulb cold\n"
    ) == ["## Reset", "Android", "Tap Reset.", "It beeps.", "- Lamp off", "- Bulb cold"]


def test_code_is_left_as_it_is() -> None:
    assert as_lines("```\n[TOC]\n!!! x\n```\n") == ["[TOC]", "!!! x"]


def test_items_with_letters_are_lines_of_their_own() -> None:
    assert as_lines("To reset it:\na) Hold the key.\nb) Let go.\n\n```\na) x\nb) y\n```\n") == [
        *("To reset it:", "a) Hold the key.", "b) Let go.", "a) x", "b) y")
    ]


def test_items_with_letters_take_no_later_step_into_their_paragraph() -> None:
    assert as_lines("1. Check:\n  a) oil\n  b) water\n2. Start.\n3. Stop.\n") == [
        *("1. Check: a) oil b) water", "2. Start.", "3. Stop.")
    ]
    assert as_lines("10. Check:\n   a) oil\n   b) water\n11. Start.\n") == [
        *("10. Check: a) oil b) water", "11. Start.")
    ]
    assert as_lines("1. Check.\n\nThen:\na) oil\nb) water\n\n!!! note\n    Do:\n    a) x\n    b) y\n") == [
        *("1. Check.", "Then:", "a) oil", "b) water", "Note", "Do:", "a) x", "b) y")
    ]


def test_items_with_letters_in_html_are_no_code() -> None:
    assert as_lines("<div>\n    Do:\n    a) <b>x</b>\n    b) y\n</div>\n") == ["Do: a) x b) y"]


def test_letters_in_code_are_left_as_they_are() -> None:
    assert as_lines("```\na)   x\nb)   y\n```\n") == ["a)   x", "b)   y"]
    assert as_lines("Text.\n```\na) x\n```\nSo\nb) y\n") == ["Text.", "a) x", "So b) y"]


def test_a_key_on_a_line_of_its_own_stays() -> None:
    assert as_lines("Press the key\n<Tab>\nto go on.\n") == ["Press the key <Tab> to go on."]
    assert as_lines('<Tabs>\n<Tab title="iOS">\nx\n</Tab></Tabs>\n<Tab>\ny\n</Tab>\n') == ["iOS", "x", "y"]


def test_a_component_says_what_kind_of_note_it_is() -> None:
    assert as_lines('<Warning title="Hot">\nWait.\n</Warning>\n\n<Tip>Do it **now**</Tip>\n\nEnd.\n') == [
        *("Hot", "Wait.", "Tip", "Do it now", "End.")
    ]
    assert as_lines("```\n<Note>\nx\n</Note>\n```\n") == ["<Note>", "x", "</Note>"]


def test_components_of_site_generators_and_markdown_in_html_are_read() -> None:
    assert as_lines(
        "<Note>\nIt is **hot**. Press <Tab>.\n</Note>\n\n"
        '<Accordion title="Is it heavy?">\nNo.\n</Accordion>\n\n'
        '<div class="warning" markdown="1">\n**Never** open it.\n</div>\n'
    ) == ["Note", "It is hot. Press <Tab>.", "Is it heavy?", "No.", "Never open it."]


def test_the_title_of_a_note_is_no_heading_where_the_page_has_one_alone(tmp_path: Path) -> None:
    text = '# Care\n\n!!! tip "Save water"\n    Use Eco.\n\n> [!NOTE] Lime\n> Use salt.\n\nDry it.\n'
    assert [(section.heading_path, section.text) for section in parse(tmp_path, text).sections] == [
        (("Care",), "Save water\nUse Eco.\nLime\nUse salt.\nDry it.")
    ]


def test_shortcodes_of_gitbook_and_hugo_part_paragraphs_and_give_their_titles(tmp_path: Path) -> None:
    assert lines(
        tmp_path,
        '{% tabs %}\n{% tab title="Android" %}\nTap Pair.\n{% endtab %}\n{% tab title="iOS" %}\nTap Add.\n'
        '{% endtab %}\n{% endtabs %}\n{% hint style="warning" %}\nHot.\n{% endhint %}\n'
        "{{< note >}}\nSlowly.\n{{< /note >}}\n"
        '{{% alert title="Lime" color="red" %}}\nUse salt.\n{{% /alert %}}\n{% include "a.md" %}\nDry it.\n',
    ) == [
        *("Android", "Tap Pair.", "iOS", "Tap Add.", "Warning: Hot.", "Note: Slowly."),
        *("Lime", "Use salt.", "Dry it."),
    ]


def test_what_a_template_is_told_to_say_is_said(tmp_path: Path) -> None:
    text = """
{% include note.html content="Never lift it while it <b>spins</b>." %}

1. Open the flap.

   {% include tip.md
      text='A coin helps.' %}

2. Close it.

{% include image.html file="flap.png" alt="Flap" caption="The flap" %}

{% include head.html %}

{{< figure src="back.png" caption="The back" >}}
"""
    assert lines(tmp_path, text) == [
        "Note: Never lift it while it spins.",
        "1. Open the flap. Tip: A coin helps.",
        "2. Close it.",
        "The flap",
        "The back",
    ]


def test_divisions_and_quotations_are_notes_also_as_pandoc_and_wikis_write_them(tmp_path: Path) -> None:
    text = """
::: {.warning}
It is hot.
:::

::: {.note title="Before you begin"}
Let it cool.
:::

> \\[!tip]
> Use a cloth.

> \\[!warning] Mind the blade
> It is sharp.
"""
    assert lines(tmp_path, text) == [
        "Warning: It is hot.",
        "Before you begin",
        "Let it cool.",
        "Tip: Use a cloth.",
        "Mind the blade",
        "It is sharp.",
    ]


def test_links_of_wikis_are_their_words_and_attributes_of_kramdown_are_none(tmp_path: Path) -> None:
    text = """
See [[Reset|how to reset]], [[Setup#Step 2]] and \\[\\[7 Lamps\\]\\], not `[[x]]` or [[1]](#f). ![[x.png]]

Press *OK*.{: .note}

Press ![Power](p.png){:align-center width="700"} now.

| Key | Use |
| --- | --- |
| F1 | [[Help\\|help]] |
"""
    assert lines(tmp_path, text) == [
        "See how to reset, Step 2 and 7 Lamps, not [[x]] or [1].",
        "Press OK.",
        "Press Power now.",
        "Key: F1 | Use: help",
    ]


def test_marks_in_nested_items_are_read_and_tags_of_tools_leave_what_they_hold(tmp_path: Path) -> None:
    text = """
- Keys
    - `<u>`{=html}Lamp`</u>`{=html}: in H~2~O

## <quick_guide>Switching on

Hold <OK> on the <host>.
</quick_guide>

    code `<u>`{=html} </quick_guide>
"""
    assert lines(tmp_path, text) == [
        "- Keys",
        "  - Lamp: in H2O",
        "Hold <OK> on the <host>.",
        "code `<u>`{=html} </quick_guide>",
    ]
    assert parse(tmp_path, text).sections[-1].heading_path[-1] == "Switching on"


def test_attributes_keys_and_abbreviations_of_mkdocs_are_not_read_as_they_are_written(tmp_path: Path) -> None:
    assert lines(
        tmp_path,
        "Press ++ctrl+alt+del++, then [Start](a.md){ .md-button } or **Go**{: #go }.\n\n*[DX]: Dishwasher\n\n"
        "Set `x`{a} to {b}, or C++ to i++ and j++.\n",
    ) == [
        *("Press Ctrl+Alt+Del, then Start or Go.", "DX: Dishwasher"),
        "Set x{a} to {b}, or C++ to i++ and j++.",
    ]


def test_braces_and_signs_in_code_and_maths_stay(tmp_path: Path) -> None:
    assert lines(
        tmp_path,
        'Use the selector `{job="api"}` to filter. Write `{.note}` or `{#id}` too.\n\n'
        "Add $\\sum_{i=1}^{n} x_i$ up, `++i++` and `a\n(b){.c}` and (d) {e=f} and x_{i=1}.\n\n"
        "Go `on`{.x} [here](a.md){ .b title='c d' }, ++i++.\n\n*[UPS]: Uninterruptible Power Supply\n",
    ) == [
        'Use the selector {job="api"} to filter. Write {.note} or {#id} too.',
        "Add $\\sum_{i=1}^{n} x_i$ up, ++i++ and a (b){.c} and (d) {e=f} and x_{i=1}.",
        *("Go on here, ++i++.", "UPS: Uninterruptible Power Supply"),
    ]


@pytest.mark.parametrize(
    "part",
    ["](a) {b=c", "a~2", "a^2", "a=b", "`a``", "{% a-", "++a+", "*a{", '](a){b="', "$", " ", "**a", "{x}`"],
)
def test_a_long_line_is_read_at_once(part: str) -> None:
    started = time.process_time()
    for begin in ("", "[a](b) {", "{% ", "++", "{ref}`"):
        plain_markdown(begin + part * (20_000 // len(part)) + " end")
    assert time.process_time() - started < 5


def test_code_ends_at_a_fence_that_is_as_long(tmp_path: Path) -> None:
    text = "## A\n\n````md\n```python\n!!! note\n```\n!!! tip\n````\n\n## B\n\n!!! tip\n    Go on.\n"
    assert [(section.heading_path, section.text) for section in parse(tmp_path, text).sections] == [
        (("A",), "```python\n!!! note\n```\n!!! tip"),
        (("B",), "Tip: Go on."),
    ]


def test_what_pandoc_lowers_and_raises_is_read_so() -> None:
    assert as_lines("H~2~O and V~in~ of 20 m^2^ at 10^-3^ bar, on the 2^nd^ day; `a~2~b^2^`.") == [
        "H2O and Vin of 20 m² at 10⁻³ bar, on the 2nd day; a~2~b^2^."
    ]
    assert as_lines("T~max~ and CO~x~, x~i~ in U~N~.") == ["Tmax and COx, xi in UN."]
    for text in ("5~10 V or 20~40 V", "PROGRA~1\\FOO~1", "from ~a~ to ~/b", "Ctrl+^C^ or A^B"):
        assert as_lines(text) == [text]
    for text in ("Size M~L~XL", "range A~B~C", "a~b~c", "of XS~M~, AB~c~"):
        assert as_lines(text) == [text]


def test_what_pandoc_has_no_format_for_stays() -> None:
    assert as_lines("Set `PORT`{=8080} or `a`{=b}.\n\n```{=8080}\nGo.\n```") == [
        *("Set PORT{=8080} or a{=b}.", "Go.")
    ]


def test_what_pandoc_hands_on_to_html_is_read_and_to_other_formats_is_not() -> None:
    html = "```{=html}\n<table>\n  <tr>\n\n    <td>Power</td>\n\n    <td>5 W</td>\n  </tr>\n</table>\n```"
    latex = "```{=latex}\n\\newpage\n```"
    assert as_lines(f"{html}\n\n{latex}\n\nPress `\\key`{{=latex}} `<b>OK</b>`{{=html}}.") == [
        *("Power | 5 W", "Press OK.")
    ]
    assert as_lines("```{=latex}\nText.")[0] == "Text."
