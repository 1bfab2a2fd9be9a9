from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from qa_core.documents import read_document
from qa_core.errors import DocumentError
from qa_core.types import ParsedManual, Section


def parse(folder: Path, body: str, head: str = "") -> ParsedManual:
    path = folder / "manual.html"
    path.write_text(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>", encoding="utf-8")
    return read_document(path, folder)


def lines(folder: Path, body: str) -> list[str]:
    return [line for section in parse(folder, body).sections for line in section.text.split("\n") if line]


def headings(sections: tuple[Section, ...]) -> list[tuple[str, ...]]:
    return [section.heading_path for section in sections]


def test_headings_become_paths_and_the_manuals_own_title_leads_none(tmp_path: Path) -> None:
    parsed = parse(
        tmp_path,
        "<h1>Printer</h1><p>Hello.</p><h2>Paper</h2><h4>Letter</h4><p>Load.</p><h3>A4</h3><h2>Ink</h2><p>Buy.</p>",
    )

    assert headings(parsed.sections) == [
        ("Printer",),
        ("Paper",),
        ("Paper", "Letter"),
        ("Paper", "A4"),
        ("Ink",),
    ]
    assert [section.text for section in parsed.sections] == ["Hello.", "", "Load.", "", "Buy."]


def test_steps_and_bullets_keep_their_nesting(tmp_path: Path) -> None:
    body = """
    <p>To load paper:</p>
    <ol start="3">
     <li> <p>Open the <b> tray </b> .</p> <p>It is heavy.</p>
       <ul><li>Letter<ol><li>Fold it</li></ol></li><li>A4</li></ul>
       <p>Then wait.</p></li>
     <li>Close it.</li>
    </ol>"""

    assert lines(tmp_path, body) == [
        "To load paper:",
        "3. Open the tray. It is heavy.",
        "  - Letter",
        "    1. Fold it",
        "  - A4",
        "  Then wait.",
        "4. Close it.",
    ]


def test_a_table_row_keeps_its_column_names(tmp_path: Path) -> None:
    body = """
    <table><caption>Codes</caption>
     <tr><th>Code</th><th>Meaning</th></tr>
     <tr><td>E-4</td><td>Paper <i>jam</i></td></tr>
     <tr><td>E-5</td><td></td></tr>
    </table>"""

    assert lines(tmp_path, body) == ["Codes", "Code: E-4 | Meaning: Paper jam", "Code: E-5"]


def test_head_in_two_rows_and_cells_over_several_rows_and_columns(tmp_path: Path) -> None:
    body = """
    <table>
     <thead>
      <tr><th rowspan="2">Size</th><th colspan="2">Tray</th></tr>
      <tr><th>Upper</th><th>Lower</th></tr>
     </thead>
     <tr><td rowspan="2">A4</td><td>250</td><td>500</td></tr>
     <tr><td colspan="2">both with the duplexer</td></tr>
     <tr><td colspan="3">Special paper</td></tr>
     <tr><td>A6</td><td>50</td></tr>
    </table>"""

    assert lines(tmp_path, body) == [
        "Size: A4 | Tray / Upper: 250 | Tray / Lower: 500",
        "Size: A4 | Tray / Upper, Tray / Lower: both with the duplexer",
        "Special paper",
        "Size: A6 | Tray / Upper: 50",
    ]


def test_names_beside_values_need_no_head(tmp_path: Path) -> None:
    body = "<table><tr><th>Weight</th><td>3 kg</td></tr><tr><th>Height</th><td>9 cm</td></tr></table>"

    assert lines(tmp_path, body) == ["Weight: 3 kg", "Height: 9 cm"]


def test_the_title_of_a_group_right_below_the_head_names_no_columns(tmp_path: Path) -> None:
    body = (
        "<table><tr><th>Menu</th><th>Setting</th></tr>"
        "<tr><th colspan=2>Heating curve</th></tr><tr><td>1.1</td><td>Slope</td></tr>"
        "<tr><th colspan=2>Hot water</th></tr><tr><td>2.1</td><td>Comfort</td></tr></table>"
    )
    assert lines(tmp_path, body) == [
        "Heating curve",
        "Menu: 1.1 | Setting: Slope",
        "Hot water",
        "Menu: 2.1 | Setting: Comfort",
    ]


def test_an_unmarked_first_row_of_names_is_the_head(tmp_path: Path) -> None:
    body = """<table><tr><td></td><td>Single press</td><td>Double press</td></tr>
    <tr><td>Camera</td><td>Take picture</td><td>Switch camera</td></tr>
    <tr><td>Media</td><td>Play</td><td>Play next</td></tr></table>"""

    assert lines(tmp_path, body) == [
        "Camera | Single press: Take picture | Double press: Switch camera",
        "Media | Single press: Play | Double press: Play next",
    ]


def test_a_note_laid_out_as_a_table_with_an_icon_is_text(tmp_path: Path) -> None:
    body = """<table class="note"><tr><td><img src="note.png" alt="Note icon"></td>
    <td><b>NOTE</b> Use <a href="#x">approved</a> paper . See <a href="y.html">Paper</a> .</td></tr>
    </table>"""

    assert lines(tmp_path, body) == ["NOTE Use approved paper. See Paper."]


def test_headings_in_a_layout_table_stand_below_the_one_above_it(tmp_path: Path) -> None:
    row = "<table><tr><td><img></td><td><h2>{0}</h2><p>About {0}.</p></td></tr></table>"
    parsed = parse(
        tmp_path, f"<h2>Features</h2>{row.format('Zoom')}{row.format('Dark')}<h2>Setup</h2><p>Go.</p>"
    )

    assert headings(parsed.sections) == [
        ("Features",),
        ("Features", "Zoom"),
        ("Features", "Dark"),
        ("Setup",),
    ]


def test_definition_lists_become_bullets(tmp_path: Path) -> None:
    body = """<dl><dt>Tray</dt><dd>Holds paper.</dd>
    <div><dt>Lid:</dt><dd><p>Opens.</p><ul><li>Up</li></ul></dd></div></dl>"""

    assert lines(tmp_path, body) == ["- Tray: Holds paper.", "- Lid: Opens.", "  - Up"]


def test_navigation_headers_footers_scripts_and_feedback_go(tmp_path: Path) -> None:
    body = """
    <header role="banner"><a href="/">Acme</a> <form>Search <input></form></header>
    <nav><ul><li>Menu</li></ul></nav>
    <div class="breadcrumbs">Home > Printers</div>
    <p><a href="#a">Turn on</a> | <a href="#b">Turn off</a></p>
    <ul><li><a href="https://x.org/a">A</a></li><li><a href="b">B</a></li><li><a href="c">C</a></li></ul>
    <script>var x = 1;</script><style>p {}</style><noscript>Enable it</noscript>
    <p style="display: none">Hidden</p>
    <p>Press <a href="#ok">OK</a>.</p>
    <p>Visit <a href="https://x.org">x.org</a></p>
    <p><a href="https://x.org/support">x.org/support</a></p>
    <div class="feedback">Was this page helpful? <button>Yes</button></div><p>Was this content helpful?</p>
    <footer>© Acme</footer>"""

    assert lines(tmp_path, body) == ["Press OK.", "Visit x.org", "x.org/support"]


def test_main_is_all_that_is_read_where_the_page_marks_it(tmp_path: Path) -> None:
    assert lines(tmp_path, "<div>Shop</div><main><p>Press OK.</p></main><div>Cart</div>") == ["Press OK."]


def test_a_contents_heading_without_text_is_left_out(tmp_path: Path) -> None:
    parsed = parse(tmp_path, "<h2>Contents</h2><ul><li><a href='#a'>A</a></li></ul><h2>A</h2><p>Text.</p>")

    assert headings(parsed.sections) == [("A",)]


def test_what_is_said_twice_under_the_same_headings_comes_once(tmp_path: Path) -> None:
    parsed = parse(
        tmp_path,
        "<h1>Zoom</h1><h2>Lens</h2><p>Turn.</p><h1>Lens</h1><p>Turn.</p><h1>Dark</h1><h2>Lens</h2><p>Turn.</p>",
    )

    assert headings(parsed.sections) == [("Zoom",), ("Zoom", "Lens"), ("Dark",), ("Dark", "Lens")]


def test_words_of_small_images_stay_in_a_sentence(tmp_path: Path) -> None:
    body = """<p>Press <img alt="Power"> and <img src="i.png" alt="i-home.png"> hold.</p>
    <p><img alt="Overview"></p>"""

    assert lines(tmp_path, body) == ["Press Power and hold."]


def test_line_breaks_part_what_is_complete_and_join_the_rest(tmp_path: Path) -> None:
    assert lines(tmp_path, "<p>Press the<br>button.<br>• Wait<br>Done</p>") == [
        "Press the button.",
        "- Wait Done",
    ]


def test_preformatted_lines_stay_lines(tmp_path: Path) -> None:
    assert lines(tmp_path, "<pre>reset\n  --hard\n\n</pre>") == ["reset", "  --hard"]


def test_broken_letters_are_left_that_a_text_shows_beside_the_right_ones(tmp_path: Path) -> None:
    def text(page: str) -> str:
        [section] = parse(tmp_path, page).sections
        return section.text

    assert text("<p>An ANSI file turns ü into Ã¼.</p>") == "An ANSI file turns ü into Ã¼."
    assert text("<p>KÃ¼hlung fÃ¼r TÃ¼ren, nicht für die Bürste.</p><p>CafÃ©</p>") == (
        "Kühlung für Türen, nicht für die Bürste.\nCafé"
    )


def test_text_that_was_read_in_the_wrong_encoding_is_repaired(tmp_path: Path) -> None:
    wrong = "<p>The device’s Wi‑Fi — “on”</p><p>Tap\xa0OK</p>".encode().decode("latin-1")

    assert lines(tmp_path, wrong + "<p>Café Â\n <b>menu</b>™</p>") == [
        "The device’s Wi-Fi — “on”",
        "Tap OK",
        "Café menu™",
    ]


def test_a_declared_charset_is_used(tmp_path: Path) -> None:
    path = tmp_path / "manual.html"
    path.write_bytes('<html><meta charset="shift_jis"><p>用紙をセットする。</p></html>'.encode("shift_jis"))

    assert read_document(path, tmp_path).sections[0].text == "用紙をセットする。"


def test_metadata_names_title_product_version_and_address(tmp_path: Path) -> None:
    head = """<title>Folio 540 – User Guide | Acme Support</title><meta name="product" content="Folio 540">
    <meta name="VERSION" content="3.1"><link rel="canonical" href="https://acme.example/folio">"""

    manual = parse(tmp_path, "<p>Press OK.</p>", head).manual

    assert (manual.title, manual.product, manual.version, manual.url) == (
        "Folio 540 – User Guide",
        "Folio 540",
        "3.1",
        "https://acme.example/folio",
    )


@pytest.mark.parametrize("tag", ["div", "b", "ul><li"])
def test_deep_nesting_is_read_or_refused_but_never_crashes(tmp_path: Path, tag: str) -> None:
    with suppress(DocumentError):
        assert "deep" in parse(tmp_path, f"<{tag}>" * 5000 + "deep").sections[-1].text


def test_exponents_stay_raised_and_footnotes_and_indices_as_they_are(tmp_path: Path) -> None:
    body = """
    <p>At most 10<sup>3</sup> pages on 2 m<b><sup>2</sup></b>,
      5&times;10<sup>&minus;6</sup> s, Ca<sup>2+</sup>.</p>
    <p>It stops.<sup>4</sup> CO<sub>2</sub> is cold<sup><a href="#f5">5</a></sup>,
      dry<a href="#f6"><sup>6</sup></a>, the 2<sup>nd</sup> ACME<sup>[7]</sup> 10 <sup>8</sup></p>
    <table><tr><th>Area</th><td>3 m<sup>2</sup></td></tr></table>"""

    assert lines(tmp_path, body) == [
        "At most 10³ pages on 2 m², 5×10⁻⁶ s, Ca²⁺.",
        "It stops.4 CO2 is cold5, dry6, the 2nd ACME[7] 10 8",
        "Area: 3 m²",
    ]


def test_a_list_of_related_articles_leaves_no_section(tmp_path: Path) -> None:
    links = "<ul><li><a href='/a'>A</a></li><li><a href='/b'>B</a></li><li><a href='/c'>C</a></li></ul>"

    parsed = parse(tmp_path, f"<h1>Pump</h1><h2>Use</h2><p>Press.</p><h2>Related articles</h2>{links}")

    assert headings(parsed.sections) == [("Pump",), ("Use",)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<ol><li><a href='o.html'>Open the cover</a><ul><li>Slowly</li></ul></li><li>Close it.</li></ol>",
            ["1. Open the cover", "  - Slowly", "2. Close it."],
        ),
        (
            "<ol><li><img alt='Open the cover'></li><li>Close it.</li></ol>",
            ["1. Open the cover", "2. Close it."],
        ),
        ("<ol><li>Press Menu.</li><li>Next</li><li>OK</li></ol>", ["1. Press Menu.", "2. Next", "3. OK"]),
        ("<ol><li>Open it.</li><li></li><li>Close it.</li></ol>", ["1. Open it.", "3. Close it."]),
    ],
)
def test_a_step_that_is_a_link_an_image_or_a_word_of_furniture_stays(
    tmp_path: Path, body: str, expected: list[str]
) -> None:
    assert lines(tmp_path, body) == expected


def test_lists_of_links_that_are_no_contents_stay(tmp_path: Path) -> None:
    numbers = (
        "<ul><li><a href='tel:1'>Call</a><li><a href='tel:2'>Spares</a><li><a href='mailto:a@b'>Mail</a></ul>"
    )
    anchors = "<ol><li><a name='a'>Press OK.</a><li><a name='b'>Hold it.</a><li><a name='c'>Let go.</a></ol>"
    links = "<ol><li><a href='o'>Open it</a><li><a href='p'>Pull</a><li><a href='c'>Close it</a></ol>"

    assert lines(tmp_path, numbers) == ["- Call", "- Spares", "- Mail"]
    assert lines(tmp_path, anchors) == ["1. Press OK.", "2. Hold it.", "3. Let go."]
    assert lines(tmp_path, f"<p>Do this:</p>{links}") == [
        "Do this:",
        "1. Open it",
        "2. Pull",
        "3. Close it",
    ]
    assert lines(tmp_path, f"<p>In these chapters:</p>{links}<p>Text.</p>") == ["In these chapters:", "Text."]
    assert lines(tmp_path, f"{links}<p>Text.</p>") == ["Text."]


def test_text_of_a_list_outside_of_its_items_is_read(tmp_path: Path) -> None:
    assert lines(tmp_path, "<ul>Only indented.</ul>") == ["Only indented."]
    assert lines(tmp_path, "<ol>Do <b>both</b> of this:<li>Open it.<li>Close it.</ol>") == [
        "Do both of this:",
        "1. Open it.",
        "2. Close it.",
    ]
    assert lines(tmp_path, "<dl><dt>Voltage<dd>230 V<dt>Batteries included</dl>") == [
        "- Voltage: 230 V",
        "- Batteries included",
    ]
    assert lines(tmp_path, "<dl>Only indented.</dl>") == ["Only indented."]


def test_a_button_that_a_sentence_names_stays_and_ratios_keep_their_spaces(tmp_path: Path) -> None:
    assert lines(tmp_path, "<p>Press <button>Save</button> to keep it.</p>") == ["Press Save to keep it."]
    assert lines(tmp_path, "<p>It is saved. <button>Copy</button></p>") == ["It is saved."]
    assert lines(tmp_path, "<p>Mix it 5 : 1 with <b>water</b> .</p>") == ["Mix it 5 : 1 with water."]


def test_a_cell_that_reaches_into_a_row_too_short_for_it_stands_there(tmp_path: Path) -> None:
    table = (
        "<table><tr><th>Code<th>Cause<th>Remedy<tr><td>E-1<td>Jam<td rowspan=2>Clear it"
        "<tr><td>E-2<tr><td>E-3<td>Ink<td>Change it</table>"
    )
    assert lines(tmp_path, table) == [
        "Code: E-1 | Cause: Jam | Remedy: Clear it",
        "Code: E-2 | Remedy: Clear it",
        "Code: E-3 | Cause: Ink | Remedy: Change it",
    ]


def test_a_formula_is_read_on_one_line(tmp_path: Path) -> None:
    fraction = "<mfrac><mrow><mi>U</mi><mo>+</mo><mn>1</mn></mrow><mi>R</mi></mfrac>"
    typed = "<annotation encoding='application/x-tex'>I=\\frac{U+1}{R}</annotation>"
    power = "<msup><mi>x</mi><mn>2</mn></msup><msubsup><mi>a</mi><mn>1</mn><mn>3</mn></msubsup>"
    root = "<msqrt><mn>16</mn></msqrt><mroot><mi>y</mi><mn>3</mn></mroot>"

    assert lines(
        tmp_path,
        f"<p>Set <math><semantics><mrow><mi>I</mi><mo>=</mo>{fraction}</mrow>{typed}</semantics></math>.</p>"
        f"<p>Take <math>{power}</math> or <math>{root}</math>.</p>",
    ) == ["Set I=(U+1)/R.", "Take x^2(a_1)^3 or √(16)3√(y)."]


def test_words_in_a_formula_stand_apart(tmp_path: Path) -> None:
    formula = "<math> <mi>x</mi> <mtext> if </mtext> <mi>y</mi> <mo>&gt;</mo> <mn>3</mn></math>"
    assert lines(tmp_path, f"<p>Take {formula}.</p>") == ["Take x if y>3."]


def test_what_is_marked_as_quoted_has_quotation_marks(tmp_path: Path) -> None:
    assert lines(tmp_path, "<p>Say <q>stop <b>now</b></q>.</p>") == ["Say “stop now”."]
