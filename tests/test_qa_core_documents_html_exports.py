"""HTML as the usual tools export it: what a click shows is read, what leads elsewhere is not."""

from __future__ import annotations

import pytest

from qa_core.documents.blocks import Heading
from qa_core.documents.html.document import read_html


def lines(body: str) -> list[str]:
    blocks = read_html(f"<html><body>{body}</body></html>").blocks
    return ["#" * b.level + " " + b.text if isinstance(b, Heading) else str(b) for b in blocks]


def test_a_closed_part_of_an_accordion_is_read():
    assert lines(
        '<h2 class="accordion-header"><button class="collapsed">How do I reset it?</button></h2>'
        '<div class="accordion-collapse collapse" aria-hidden="true"><div>Hold the <b>pin</b>.</div></div>'
        '<button class="q" aria-expanded="false">Why is it orange?</button>'
        '<div class="a" style="display:none">It is updating.</div>'
        '<div data-mc-target-name="t1" style="display: none;"><p>Bore: 0.4 mm.</p></div>'
    ) == [
        "## How do I reset it?",
        "Hold the pin.",
        "## Why is it orange?",
        "It is updating.",
        "Bore: 0.4 mm.",
    ]


def test_hidden_menus_and_dialogs_are_not_read():
    assert lines(
        '<button aria-expanded="false" aria-controls="m">Menu</button><p>Text.</p>'
        '<div class="modal fade" aria-hidden="true"><div class="modal-body">Sign in to go on.</div></div>'
        '<div class="menu" style="display:none">All products</div>'
    ) == ["Text."]


def test_every_tab_is_read_under_its_label():
    assert lines(
        '<div><ul role="tablist"><li role="tab">City</li><li role="tab">Sport</li></ul><div>'
        '<div role="tabpanel"><p>4 hours.</p></div>'
        '<div role="tabpanel" hidden=""><p>6 hours.</p></div></div></div>'
    ) == ["City", "4 hours.", "Sport", "6 hours."]
    assert lines(
        '<div class="tabbed-set"><div class="tabbed-labels"><label>Android</label><label>iOS</label></div>'
        '<div class="tabbed-content"><div class="tabbed-block"><p>Tap Pair.</p></div>'
        '<div class="tabbed-block"><p>Tap Add.</p></div></div></div>'
    ) == ["Android", "Tap Pair.", "iOS", "Tap Add."]


@pytest.mark.parametrize(("menu", "pane"), [("tabs-menu", "tabs-pane"), ("nav nav-tabs", "tab-pane fade")])
def test_a_tab_that_a_link_opens_is_read_under_the_words_of_the_link(menu: str, pane: str):
    names = ("QT-20", "QT-30", "QT-40")
    links = "".join(f'<li><a href="#t{i}">{name}</a></li>' for i, name in enumerate(names))
    panes = "".join(f'<div class="{pane}" id="t{i}"><p>{i + 4} hours.</p></div>' for i in range(3))
    assert lines(f'<ul class="{menu}">{links}</ul><div class="tab-content">{panes}</div>') == [
        *("QT-20", "4 hours."),
        *("QT-30", "5 hours."),
        *("QT-40", "6 hours."),
    ]


def test_a_link_that_opens_text_on_the_page_is_no_navigation():
    body = '<div><a class="MCDropDownHotSpot" href="#">Cold clean</a></div><div><p>Heat to 90 °C.</p></div>'
    assert lines(body) == ["Cold clean", "Heat to 90 °C."]


def test_permalink_signs_and_line_numbers_go():
    assert lines(
        '<table><caption>Filter life<a class="headerlink" href="#id4">¶</a></caption>'
        "<tr><th>Hardness</th><th>Life</th></tr><tr><td>Soft</td><td>8 months</td></tr></table>"
        '<table><tr><td class="linenos"><pre>1\n2</pre></td><td class="code"><pre>luma reset\nluma pair</pre>'
        "</td></tr></table>"
    ) == ["Filter life", "Hardness: Soft | Life: 8 months", "luma reset", "luma pair"]


def test_readings_above_a_word_do_not_run_into_it():
    assert lines("<p>Press <ruby>電源<rp>(</rp><rt>dengen</rt><rp>)</rp></ruby> now.</p>") == [
        "Press 電源 now."
    ]


def test_icons_that_link_to_a_heading_go():
    assert lines(
        '<h2>Pedal<a class="headerlink" href="#pedal" title="Link to this heading">\uf0c1</a></h2>'
        '<h3>Spring<a href="#s"><i class="icon"></i></a></h3><p>Press it.</p><h3>Lid \uf0c1</h3><p>Flat.</p>'
    ) == ["## Pedal", "### Spring", "Press it.", "### Lid", "Flat."]


def test_what_a_manual_explains_is_no_furniture():
    assert lines(
        '<section id="search-for-channels"><h4>Search for channels</h4><p>Press Find.</p></section>'
        '<div class="share-settings"><p>Sharing takes a minute.</p></div>'
        '<div class="share"><p>Like us!</p></div>'
    ) == ["#### Search for channels", "Press Find.", "Sharing takes a minute."]


def test_lists_of_word_keep_numbers_and_levels():
    def item(level: int, marker: str, text: str) -> str:
        ignored = f"<span style='mso-list:Ignore'>{marker}<span>&nbsp;&nbsp; </span></span>"
        return f"<p class=MsoListParagraph style='mso-list:l0 level{level} lfo1'>{ignored}{text}</p>"

    assert lines(
        "<p class=MsoToc1>Setup 3</p><p class=MsoTitle>TX-90 Mixer</p><h2>Setup</h2>"
        + item(1, "1.", "Insert the bowl.")
        + item(2, "b.", "Turn it right.")
        + item(3, "§", "Listen for the click.")
        + "<p>Note: it is heavy.</p>"
        + item(1, "2.", "Plug it in.")
    ) == [
        "# TX-90 Mixer",
        "## Setup",
        "1. Insert the bowl.",
        "  b. Turn it right.",
        "    - Listen for the click.",
        "Note: it is heavy.",
        "2. Plug it in.",
    ]


def test_bold_paragraphs_are_headings_where_the_page_marks_none():
    body = (
        "<p><b>Descaling</b></p><p>Pour in vinegar.</p><p><b>Note:</b> no soap.</p><p><b>Important</b></p>"
        "<p>Rinse twice.</p><p style='font-weight:bold'>Warranty</p><p>Two years.</p>"
    )
    assert lines(body) == [
        "## Descaling",
        "Pour in vinegar.",
        "Note: no soap.",
        "Important",
        "Rinse twice.",
        "## Warranty",
        "Two years.",
    ]


def test_bold_paragraphs_are_headings_below_those_that_the_page_marks():
    body = (
        "<h1>Kettle</h1><p><b>User guide</b></p><p>Keep it.</p><h2>Care</h2><p><b>Descaling</b></p>"
        "<p>Pour in vinegar.</p><p><b>Never use soap!</b></p><p>It foams.</p><p><b>Table 2: Amounts</b></p>"
        "<ul><li><p><b>Cold</b></p><p>One litre.</p></li></ul><p><b>Drying</b></p><p>An hour.</p>"
        "<p><b>The end</b></p><h2>Warranty</h2><p>Two years.</p>"
    )
    assert lines(body) == [
        "# Kettle",
        "User guide",
        "Keep it.",
        "## Care",
        "### Descaling",
        "Pour in vinegar.",
        "Never use soap!",
        "It foams.",
        "Table 2: Amounts",
        "- Cold One litre.",
        "### Drying",
        "An hour.",
        "The end",
        "## Warranty",
        "Two years.",
    ]


def test_headings_by_class():
    assert lines('<p class="heading">First use</p><div class="h3">Rinsing</div><p>Rinse it.</p>') == [
        "## First use",
        "### Rinsing",
        "Rinse it.",
    ]


def test_the_name_of_the_site_behind_a_dash_is_no_part_of_the_title():
    page = "<html><head><title>Pairing – LumaBulb Guide</title></head><body><h1>Pairing</h1><p>X.</p>"
    assert read_html(page).metadata.title == "Pairing"
    assert read_html(page.replace("<h1>Pairing", "<h1>Start")).metadata.title == "Pairing – LumaBulb Guide"


def test_type_tags_that_are_never_closed_do_not_matter():
    assert lines("".join(f"<p><font size=2>Line {i}." for i in range(3000)))[-1] == "Line 2999."
    assert lines("<span>" * 5000 + "<div>" * 5000 + "Text.") == ["Text."]


def test_lists_count_in_the_letters_that_a_browser_shows():
    assert lines(
        '<ol><li>Open:<ol type="a"><li>lid</li><li>door</li></ol></li><li>Close.</li></ol>'
        '<ol style="list-style-type: upper-roman" start="4"><li>Go.</li></ol>'
    ) == ["1. Open:", "  a. lid", "  b. door", "2. Close.", "IV. Go."]


def test_what_a_page_calls_an_item_is_no_mark():
    assert lines("<ol><li data-label='Foo'>Open it</li><li data-label='b)'>Close it</li></ol>") == [
        *("1. Open it", "2. Close it")
    ]
    assert lines("<ol><li data-manualbot-label='Foo'>Open it</li></ol>") == ["1. Open it"]


def test_what_is_struck_out_holds_no_longer():
    assert lines("<p>Wait <del>five</del> <ins>ten</ins> minutes <s>or so</s>.</p>") == ["Wait ten minutes."]


def test_the_ends_of_help_centres_pages_go():
    assert lines(
        "<h2>Use</h2><p>Press it.</p><p>Was this article helpful?</p><p>3 out of 5 found this helpful</p>"
        "<p>Have more questions? <a href='/new'>Submit a request</a></p>"
    ) == ["## Use", "Press it."]


def test_lists_of_words_filtered_pages_keep_marks_and_levels():
    def item(marker: str, text: str, margin: str = "", font: str = "") -> str:
        gap = "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span>"
        marked = f"<span style='font-family:{font}'>{marker}{gap}</span>" if font else f"{marker}{gap}"
        style = f"{margin}text-indent:-18.0pt"
        return f"<p class=MsoListParagraphCxSpMiddle style='{style}'>{marked}{text}</p>"

    assert lines(
        "<h1>1<span style='font:7.0pt \"Times New Roman\"'>&nbsp; </span>Setup</h1><h2>Bowl</h2>"
        + item("1.", "Insert the <b>bowl</b>.")
        + item("b)", "Turn it right.", "margin-left:1.0in;")
        + item("§", "Listen.", "margin-left:108.0pt;", "Wingdings")
        + item("2.", "Plug it in.")
        + item("Ø", "Hot", font="Wingdings")
        + item("o", "Oven", "margin-left:1.0in;", "Courier New")
        + "<p>Wait<span style='font:7.0pt Arial'> </span>now.</p>"
    ) == [
        *("# 1 Setup", "## Bowl", "1. Insert the bowl.", "  b) Turn it right.", "    - Listen."),
        *("2. Plug it in.", "- Hot", "  - Oven", "Wait now."),
    ]


def test_signs_of_symbol_fonts_are_bullets_at_the_beginning_of_a_line():
    assert lines("<p>\uf076 Hot</p><p>\uf0fcCold</p><p>Press \uf0e0 twice.</p>") == [
        *("- Hot", "- Cold", "Press \uf0e0 twice.")
    ]


def test_a_narrow_space_makes_no_item_of_a_sentence():
    word = "<span style='font:7.0pt \"Times New Roman\"'>&nbsp; </span>"
    other = "<span style='font:7pt Arial'>&nbsp;</span>"
    for text in (f"5{word}mm are left.", f"A{word}gap is left.", f"§{other}5 holds."):
        blocks = read_html(f"<html><body><p>{text}</p></body></html>").blocks
        assert [str(block) for block in blocks] == [text.replace(word, " ").replace(other, " ")]


def test_banners_and_advertisements_are_not_read():
    said = lines(
        "<h1>Vac V8</h1><p>It cleans.</p>"
        '<div class="CookieConsent__root" id="onetrust-banner-sdk">Cookies are kept for 30 days.</div>'
        '<div class="related-products">You may also like</div><div class="newsletter-signup">Sign up</div>'
    )
    assert said[-1] == "It cleans."


def test_a_page_is_named_by_the_part_of_its_title_that_heads_it():
    page = "<html><head><title>Support | Vac V8 – Manual</title></head><body><h1>Vac V8</h1><p>It cleans.</p>"
    assert read_html(page).metadata.title == "Vac V8"


def table(rows: list[list[str]]) -> str:
    """One whose format does not tell the head."""
    inside = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{inside}</table>"


def test_models_name_columns_where_the_corner_is_empty():
    rows = [["", "X1", "B12-20"], ["Pressure (bar)", "4", "6"], ["Temp. (°C)", "40", "60"]]
    assert lines(table(rows)) == [
        "Pressure (bar) | X1: 4 | B12-20: 6",
        "Temp. (°C) | X1: 40 | B12-20: 60",
    ]


@pytest.mark.parametrize("corner", ["Model", "Type no.:", "Model name"])
def test_models_name_columns_where_the_corner_says_so(corner: str):
    rows = [[corner, "GF-20", "GF-30"], ["Net volume", "190 l", "290 l"], ["Current", "1.1 A", "1.6 A"]]
    name = corner.rstrip(":")
    assert lines(table(rows)) == [
        f"{name}: Net volume | GF-20: 190 l | GF-30: 290 l",
        f"{name}: Current | GF-20: 1.1 A | GF-30: 1.6 A",
    ]


def test_a_row_of_models_that_are_values_names_no_columns():
    rows = [["Sensor", "GF-20", "GF-30"], ["Cable", "LX 5", "LX 6"], ["Lid", "D-1", "D-2"]]
    assert lines(table(rows))[0] == "Sensor | GF-20 | GF-30"


def test_measures_name_no_columns():
    rows = [["", "4 kg", "6 kg"], ["Width", "4", "6"], ["Depth", "40", "60"]]
    assert lines(table(rows))[-1] == "Depth | 40 | 60"


def test_a_term_stands_before_each_of_its_definitions():
    codes = "<dt>E-14</dt><dt>E-15</dt><dd>Door open.</dd><dd>Call service.</dd><dt>OK</dt><dd>Go on.</dd>"
    assert lines(f"<dl>{codes}</dl>") == [
        "- E-14, E-15: Door open.",
        "- E-14, E-15: Call service.",
        "- OK: Go on.",
    ]


def test_a_line_break_parts_codes_and_names_and_no_sentence():
    codes = "E1 – motor<br>E2 – battery below<br>10 %<br>E3: filter missing"
    assert lines(f"<p>{codes}</p>") == ["E1 – motor", "E2 – battery below 10 %", "E3: filter missing"]
    assert lines("<p>Weight: 48 kg<br>Width: 60 cm</p>") == ["Weight: 48 kg", "Width: 60 cm"]
    assert lines("<p>Press<br>Note: it is hot</p>") == ["Press Note: it is hot"]


def test_a_line_break_parts_numbered_steps_and_no_lone_number():
    assert lines("<b>Cleaning</b><br>1. Pull the plug<br>2. Wipe it<br>3. Dry it") == [
        "Cleaning",
        "1. Pull the plug",
        "2. Wipe it",
        "3. Dry it",
    ]
    assert lines("<p>Turn the dial to<br>3. notch of the ring</p>") == [
        "Turn the dial to 3. notch of the ring"
    ]


def test_two_line_breaks_end_a_paragraph():
    assert lines("Pull the plug first<br><br>Wipe it") == ["Pull the plug first", "Wipe it"]
    assert lines('3. Click "Setup..."<br>\n<br>4. Choose type.') == [
        '3. Click "Setup..."',
        "4. Choose type.",
    ]
    assert lines("<p>Press the<br>key</p>") == ["Press the key"]


def test_a_line_break_parts_names_from_what_they_stand_for():
    assert lines("<p><i>run-a</i> - starts a<br><i>run-b</i> - starts b</p>") == [
        "run-a - starts a",
        "run-b - starts b",
    ]
    assert lines("<p>The pump - a small one<br>in the back - hums</p>") == [
        "The pump - a small one in the back - hums"
    ]


def test_a_line_break_parts_a_bold_title_from_the_sentence_below_it():
    assert lines("<p><b>Text size</b><br>The size of the letters.</p>") == [
        "Text size",
        "The size of the letters.",
    ]
    assert lines("<p>Choose<br><b>OK</b><br>to save, or <b>Esc</b><br>Then wait.</p>") == [
        "Choose OK to save, or Esc Then wait."
    ]


def test_numbers_on_lines_of_their_own_lead_the_steps_below_them():
    step = "<div class='step'><span class='no'>{}</span><p>{}</p></div>"
    steps = step.format("1", "Open the lid.") + step.format("2", "Close it.") + "<p>Wait.</p>"
    assert lines(f"<h2>Use</h2>{steps}<h2>Data</h2>{step.format('Step 1', 'Press it.')}") == [
        "## Use",
        "1. Open the lid.",
        "2. Close it.",
        "Wait.",
        "## Data",
        "Step 1",
        "Press it.",
    ]
    assert lines("<p>2</p><p>Rooms are warm.</p><p>4</p><p>Rooms are cold.</p>") == [
        *("2", "Rooms are warm.", "4", "Rooms are cold."),
    ]


def test_the_title_of_a_confluence_panel_heads_nothing_below_the_panel():
    panel = (
        '<div class="panel"><div class="panelHeader"><b>Fees</b></div><div><p>None this year.</p></div></div>'
    )

    assert lines(f"<h1>Pump</h1>{panel}<p>Ten pumps at most.</p>") == [
        *("# Pump", "Fees", "None this year.", "Ten pumps at most."),
    ]


def test_the_title_of_a_page_from_google_docs_is_a_heading():
    title = '<p class="c3 title" id="h.8x2k"><span class="c1">Pump Pro</span></p>'
    h1 = '<h1 id="h.91ab"><span>Start</span></h1>'

    assert lines(f"{title}{h1}<p><span>Plug it in.</span></p>") == ["# Pump Pro", "# Start", "Plug it in."]
    assert lines('<h1>A</h1><p class="title">Mind it</p><p>Hot.</p>')[1] == "Mind it"
