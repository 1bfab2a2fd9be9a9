"""HTML as documentation tools make it: Sphinx, DocBook, DITA, Asciidoctor, Docusaurus and others."""

from __future__ import annotations

from qa_core.documents.blocks import Heading
from qa_core.documents.html import read_html


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
