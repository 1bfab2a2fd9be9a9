"""HTML as documentation tools make it: Sphinx, DocBook, DITA, Asciidoctor, Docusaurus and others."""

from __future__ import annotations

from qa_core.documents.blocks import Heading
from qa_core.documents.html.document import read_html


def lines(body: str) -> list[str]:
    blocks = read_html(f"<html><body>{body}</body></html>").blocks
    return ["#" * b.level + " " + b.text if isinstance(b, Heading) else str(b) for b in blocks]


def test_the_title_of_a_note_is_no_heading():
    assert lines(
        "<h2>Hose</h2><div class='warning'><h3 class='title'>Hot water</h3><p>Close the valve.</p></div>"
        "<ol><li><p>Screw it on.</p><div class='note'><h3 class='title'>Note</h3><p>Slowly.</p></div></li>"
        "<li><p>Open the tap.</p></li></ol><h2>Use</h2><p>Press.</p>"
    ) == [
        *("## Hose", "Hot water", "Close the valve.", "1. Screw it on. Note: Slowly.", "2. Open the tap."),
        *("## Use", "Press."),
    ]


def test_a_part_of_the_manual_in_a_box_for_warnings_keeps_its_heading():
    safety = "<div class='warning'><h2>Safety instructions</h2><p>Do not open it.</p></div>"
    assert lines(f"<h2>Start</h2>{safety}<h2>Use</h2><p>Press.</p>") == [
        *("## Start", "## Safety instructions", "Do not open it.", "## Use", "Press.")
    ]
    parts = "<div class='note'><h3>Mains</h3><p>230 V.</p><h3>Water</h3><p>8 bar.</p></div>"
    assert lines(parts) == ["### Mains", "230 V.", "### Water", "8 bar."]


def test_lines_of_code_stay_lines_and_lose_their_numbers():
    assert lines(
        "<ol><li><p>Run:</p><pre>dx open\n  --all</pre><p>It clicks.</p></li><li>Go on.</li></ol>"
        "<pre><code><span class='line'>dx stop<br></span><span class='line'>dx off<br></span></code>"
        "<button>Copy</button></pre>"
        "<pre><span class='linenos'>1</span>dx on\n<span class='linenos'>2</span>dx run</pre>"
    ) == [
        *("1. Run:", "  dx open", "    --all", "  It clicks.", "2. Go on."),
        *("dx stop", "dx off", "dx on", "dx run"),
    ]


def test_lists_count_in_the_letters_that_their_class_names():
    inner = "<ol class='lowerroman simple'><li>Now.</li></ol>"
    assert lines(f"<ol><li>Turn:<ol class='loweralpha'><li>left{inner}</li></ol></li></ol>") == [
        *("1. Turn:", "  a. left", "    i. Now.")
    ]


def test_what_tools_put_around_the_text_is_not_read():
    bar = "<div class='nav{}'><table><tr><td><a href='a'>Prev</a></td><th>Hose</th></tr></table></div>"
    contents = "<p class='caption' role='heading'>Contents:</p><ul><li><a href='a'>Use</a></li></ul>"
    assert lines(
        f"{bar.format('header')}<h1>Hose</h1><p>Screw it on.</p><div class='toctree-wrapper'>{contents}</div>"
        "<div class='expand-control'><span>Click here to expand...</span></div><div><p>It is safe.</p></div>"
        "<div class='pageSection group'><div class='pageSectionHeader'><h2>Comments:</h2></div>"
        "<p>I think this is wrong.</p></div>"
        "<div class='relinfo'><strong>Related tasks</strong><div><a href='c'>Cleaning</a></div></div>"
        f"<div title='footer'><p>Page 3</p></div><p>Last updated 3 months ago</p>{bar.format('footer')}"
    ) == ["# Hose", "Screw it on.", "It is safe."]


def test_a_page_that_holds_all_pages_is_read():
    page = "<div class='toctree-wrapper'><section id='use'><h2>Use</h2><p>Press.</p></section></div>"
    assert lines(f"<h1>Hose</h1>{page}") == ["# Hose", "## Use", "Press."]


def test_a_sidebar_with_a_title_of_its_own_is_text():
    links = "<ul><li><a href='a'>Installing the hose</a></li><li><a href='b'>Daily use</a></li></ul>"
    assert lines(
        "<p>Press.</p><aside class='sidebar'><p class='sidebar-title'>The pump</p><p>It runs on.</p></aside>"
        f"<div class='sidebar'><p class='title'>Pages</p>{links}</div><div class='sidebar'>Hello, Ann</div>"
    ) == ["Press.", "The pump", "It runs on."]


def test_a_class_of_a_term_stands_apart_from_it():
    assert lines("<dl><dt>Basket<span class='classifier'>upper</span></dt><dd>For cups.</dd></dl>") == [
        "- Basket: upper: For cups."
    ]


def test_lists_in_a_table_keep_their_marks():
    steps = "<ol><li><p>Open it.</p></li><li>Wait.</li></ol>"
    assert lines(
        "<table><tr><th>Code</th><th>Cause</th><th>Remedy</th></tr>"
        f"<tr><td>E1</td><td><ul><li>Tap closed</li><li>Hose kinked</li></ul></td><td>{steps}</td></tr>"
        "<tr><td>E2</td><td><ul><li>Drain blocked</li></ul></td><td>Clean it.</td></tr></table>"
    ) == [
        "Code: E1 | Cause: • Tap closed • Hose kinked | Remedy: 1. Open it. 2. Wait.",
        "Code: E2 | Cause: Drain blocked | Remedy: Clean it.",
    ]


def test_a_note_beside_an_icon_keeps_its_kind():
    def note(icon: str) -> str:
        return (
            f"<table><tr><td class='icon'>{icon}</td><td class='content'><p>Close it.</p></td></tr></table>"
        )

    assert lines(
        f"<ol><li><p>Open it.</p>{note('<i class=fa title=Warning></i>')}</li></ol>"
        f"{note('<div>Note</div>')}{note('<img alt=Caution src=c.png>')}"
    ) == ["1. Open it. Warning: Close it.", "Note", "Close it.", "Caution", "Close it."]


def test_code_that_is_shown_with_numbers_of_its_lines_is_read():
    assert lines(
        "<pre class='line-numbers language-bash'><code class='line-numbers'>sudo reboot\nexit</code></pre>"
        "<pre><span class='gutter'>port:</span> <s>80</s></pre>"
    ) == ["sudo reboot", "exit", "port: 80"]


def test_a_part_of_a_page_may_be_called_a_section_of_it():
    section = "<div class='pageSection'><h2>Installation</h2><p>Screw it on.</p></div>"
    assert lines(section) == ["## Installation", "Screw it on."]


def test_what_only_has_an_id_like_that_of_links_is_read():
    text = "<p>The dealer keeps a register.</p>"
    read = ["## Related links", "The dealer keeps a register."]
    assert lines(f"<section id='related-links'><h2>Related links</h2>{text}</section>") == read
    assert lines(f"<section class='related-links'><h2>Related links</h2>{text}</section>") == read
    assert lines(f"<h2 id='related-links' class='related-links'>Related links</h2>{text}") == read


def test_pages_that_sphinx_puts_into_one_are_read():
    inner = "<div class='toctree-wrapper'><section><h4>Cold water</h4><p>Open the tap.</p></section></div>"
    assert lines(
        f"<div class='toctree-wrapper'><section><h3>Use</h3>{inner}</section></div>"
        "<div class='toctree-wrapper'><section><p>Press.</p></section></div>"
    ) == ["### Use", "#### Cold water", "Open the tap.", "Press."]


def test_a_step_that_begins_with_code_keeps_its_number():
    assert lines(
        "<ol><li><pre>sudo apt update</pre><p>This updates.</p></li><li><pre>reboot\nexit</pre></li>"
        "<li>Wait.</li></ol>"
    ) == ["1. sudo apt update", "  This updates.", "2. reboot", "  exit", "3. Wait."]


def test_a_term_has_one_colon_before_its_type():
    old = "<span class='classifier-delimiter'>:</span> "
    for delimiter in ("", old):
        term = f"<dt>size {delimiter}<span class='classifier'>int</span></dt>"
        assert lines(f"<dl>{term}<dd>In mm.</dd></dl>") == ["- size: int: In mm."]


def test_a_part_of_the_manual_in_a_callout_keeps_its_heading():
    boxes = [
        "<div class='callout'><h3>{}</h3>{}</div>",
        "<div class='note'><h3>{}</h3>{}</div>",
        "<section class='important'><h3>{}</h3>{}</section>",
        "<section class='notes'><h3>{}</h3>{}</section>",
        "<div class='alert'><h3>{}</h3></div>{}",
    ]
    for box in boxes:
        for title in ("Important safety instructions", "Tips and tricks", "Battery"):
            assert lines(box.format(title, "<p>Charge it.</p>")) == [f"### {title}", "Charge it."]
    assert lines(boxes[0].format("Caution: hot water", "<p>Wait.</p>")) == ["Caution: hot water", "Wait."]
    assert lines(boxes[3].format("Notes", "<p>It hums.</p>")) == ["### Notes", "It hums."]


def test_a_cell_beside_an_icon_is_a_note_only_where_the_icon_stands_alone():
    icon = "<td class='icon'><img alt='Warning'>{}</td><td>It stops.</td>"
    assert lines(f"<table><tr>{icon.format('')}</tr></table>") == ["Warning", "It stops."]
    row = ["Warning Press the red button | It stops."]
    assert lines(f"<table><tr>{icon.format('Press the red button')}</tr></table>") == row
    captioned = f"<table><caption>Lights</caption><tr>{icon.format('')}</tr></table>"
    assert lines(captioned)[0] == "Lights"


def test_a_question_of_docbook_has_no_colon_behind_its_number():
    assert lines(
        '<table summary="Q and A Set"><tr class="question"><td><b>1.</b></td><td>Which cards fit?</td>'
        '</tr><tr class="answer"><td></td><td><p>Those up to 32 GB.</p></td></tr></table>'
    ) == ["1. Which cards fit?", "Those up to 32 GB."]
