"""A footnote is read where it is referred to, whatever the format."""

from __future__ import annotations

import zipfile
from io import BytesIO

import docx
import pytest

from qa_core.documents import read_content
from qa_core.documents.blocks import Heading

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def lines(text: str | bytes, ending: str) -> list[str]:
    blocks = read_content(text if isinstance(text, bytes) else text.encode(), ending).blocks
    return [f"{'#' * b.level} {b.text}" if isinstance(b, Heading) else str(b) for b in blocks]


def test_a_markdown_footnote_stands_at_the_end_of_each_section_that_refers_to_it() -> None:
    text = (
        "# Pump\n\n## Warranty\n\nIt lasts long[^a]. Keep the bill^[A copy will do.].\n\nBatteries too.\n\n"
        "## Filter\n\n1. Open it.\n2. Rinse it[^b].\n\n## End\n\nSee above[^a].\n\n"
        "[^a]: Six months.\n\n    In Norway five years.\n[^b]: Cold.\n[^c]: Nobody asks.\n"
    )
    assert lines(text, ".md") == [
        *("# Pump", "## Warranty", "It lasts long[1]. Keep the bill[2].", "Batteries too."),
        *("[1] Six months.", "In Norway five years.", "[2] A copy will do."),
        *("## Filter", "1. Open it.", "2. Rinse it[3].", "[3] Cold."),
        *("## End", "See above[1].", "[1] Six months.", "In Norway five years."),
    ]


def test_the_footnotes_of_a_web_page_stand_in_their_sections() -> None:
    assert lines(
        "<html><body><main><h2>Use</h2><p>It runs 6<sup><a id='r1' href='#n1'>1</a></sup> hours</p>"
        "<section><header><h2>Care</h2></header><p>Rinse<a id='r2' href='#n2'><sup>2</sup></a> it.</p>"
        "<ol><li id='n1'>At 20 °C. <a href='#r1'>↩</a></li><li id='n2'><p>Cold. <a href='#r2'>↩</a></p></li>"
        "</ol></section></main></body></html>",
        ".html",
    ) == ["## Use", "It runs 6[1] hours", "[1] At 20 °C.", "## Care", "Rinse[2] it.", "[2] Cold."]


def test_a_list_of_links_into_the_page_is_no_footnote() -> None:
    assert lines(
        "<html><body><ul><li id='c1'><a href='#s1'>Use</a> it</li></ul>"
        "<h2><a id='s1' href='#c1'>Using it</a></h2><p>Press.</p><h2>End</h2><p>Stop.</p></body></html>",
        ".html",
    ) == ["- Use it", "## Using it", "Press.", "## End", "Stop."]


def page(body: str) -> list[str]:
    return lines(f"<html><body>{body}</body></html>", ".html")


def test_steps_that_refer_to_each_other_are_no_footnotes() -> None:
    assert page(
        "<ol><li id='s1'>Open it. See step <a href='#s2'>2</a>.</li>"
        "<li id='s2'>Close it. Back to step <a href='#s1'>1</a>.</li></ol>"
    ) == ["1. Open it. See step 2.", "2. Close it. Back to step 1."]
    for around in ("<a id='x' href='#s2'>2</a>", "<sup><a id='x' href='#s2'>2</a></sup>"):
        assert page(
            f"<ol><li id='s1'>Open it. See {around}.</li>"
            "<li id='s2'>Close it (from <a href='#x'>1</a>).</li></ol>"
        ) == ["1. Open it. See 2.", "2. Close it (from 1)."]
    assert page(
        "<p>See <a id='x' href='#s2'>2</a>.</p><ol><li>Open it.</li>"
        "<li id='s2'>Close it (from <a href='#x'>here</a>).</li></ol>"
    ) == ["See 2.", "1. Open it.", "2. Close it (from here)."]


def test_a_heading_that_links_back_to_its_contents_is_no_footnote() -> None:
    assert page(
        "<ul><li id='t1'><a href='#f'>FAQ</a> too</li><li id='t2'><a href='#x'>Intro</a> first</li></ul>"
        "<h2 id='x'>Intro <a href='#t2'>↑</a></h2><p>Press.</p>"
        "<h2><a id='f' href='#t1' class='footnote'>FAQ</a></h2><p>Stop.</p>"
    ) == ["- FAQ too", "- Intro first", "## Intro", "Press.", "## FAQ", "Stop."]


def test_a_note_that_refers_to_another_is_read_once() -> None:
    ref = "<sup><a id='{0}' href='#{1}'>{2}</a></sup>"
    assert page(
        f"<p>It runs{ref.format('r1', 'n1', 1)}.</p>"
        f"<ol><li id='n1'>Long{ref.format('r2', 'n2', 2)}. <a href='#r1'>↩</a></li></ol>"
        "<ul><li id='n2'>Or not. <a href='#r2'>why</a></li></ul>"
    ) == ["It runs[1].", "[1] Long2.", "- Or not. why"]


def test_notes_without_a_list_around_them_are_read() -> None:
    assert page(
        "<main><p>It runs<sup><a id='r1' href='#n1'>1</a></sup>, or not"
        "<sup><a id='r2' href='#n2'>2</a></sup>.</p>"
        "<li id='n1'>Long. <a href='#r1'>↩</a></li><li id='n2'>Cold. <a href='#r2'>↩</a></li></main>"
    ) == ["It runs[1], or not[2].", "[1] Long.", "[2] Cold."]


def with_footnote(document: bytes, note: str) -> bytes:
    """The Word file with a footnote in the place of the `*`."""
    buffer = BytesIO()
    relation = f'<Relationship Id="rId99" Type="{RELATION}" Target="footnotes.xml"/></Relationships>'
    reference = '</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>'
    with zipfile.ZipFile(BytesIO(document)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "word/document.xml":
                text = text.replace(b"*", reference.encode())
            elif name == "word/_rels/document.xml.rels":
                text = text.replace(b"</Relationships>", relation.encode())
            new.writestr(name, text)
        paragraph = f"<w:p><w:r><w:footnoteRef/></w:r><w:r><w:t> {note}</w:t></w:r></w:p>"
        footnote = f'<w:footnote w:id="2">{paragraph}</w:footnote>'
        new.writestr("word/footnotes.xml", f'<w:footnotes xmlns:w="{WORD}">{footnote}</w:footnotes>')
    return buffer.getvalue()


def test_a_footnote_of_word_stands_in_its_section() -> None:
    document = docx.Document()
    document.add_heading("Use", 1)
    document.add_paragraph("It lasts long*.")
    document.add_heading("Care", 1)
    document.add_paragraph("Rinse it.")
    buffer = BytesIO()
    document.save(buffer)

    assert lines(with_footnote(buffer.getvalue(), "Six months."), ".docx") == [
        *("# Use", "It lasts long[1].", "[1] Six months.", "# Care", "Rinse it.")
    ]


NOTES = {
    "docutils": (
        "<a id='r1' class='footnote-reference brackets' href='#n1' role='doc-noteref'>[<span>1</span>]</a>",
        "<aside class='footnote-list'><aside class='footnote' id='n1'><span class='label'><span>[</span>"
        "<a role='doc-backlink' href='#r1'>1</a><span>]</span></span><p>In cold.</p></aside></aside>",
    ),
    "docutils before": (
        "<a id='r1' class='footnote-reference brackets' href='#n1'>1</a>",
        "<dl class='footnote brackets'><dt class='label' id='n1'><span class='brackets'>"
        "<a class='fn-backref' href='#r1'>1</a></span></dt>\n<dd><p>In cold.</p></dd></dl>",
    ),
    "docutils long before": (
        "<a id='r1' class='footnote-reference' href='#n1'>[1]</a>",
        "<table class='docutils footnote' id='n1'><tbody><tr><td class='label'><a class='fn-backref' "
        "href='#r1'>[1]</a></td><td>In cold.</td></tr></tbody></table>",
    ),
    "DocBook": (
        "<a href='#n1' class='footnote' id='r1'><sup class='footnote'>[1]</sup></a>",
        "<div class='footnotes'><hr><div id='n1'><p><a href='#r1'><sup>[1] </sup></a>In cold."
        "</p></div></div>",
    ),
    "Asciidoctor": (
        "<sup class='footnote'>[<a id='r1' class='footnote' href='#n1'>1</a>]</sup>",
        "<div id='footnotes'><div class='footnote' id='n1'><a href='#r1'>1</a>. In cold.</div></div>",
    ),
    "Word": (
        "<a href='#_ftn1' name='_ftnref1'><span class=MsoFootnoteReference>[1]</span></a>",
        "<div><div id=ftn1><p class=MsoFootnoteText><a href='#_ftnref1' name='_ftn1'>[1]</a> In cold.</p>"
        "</div></div>",
    ),
    "LibreOffice": (
        "<sup><a class='sdfootnoteanc' name='anc1' href='#sym1'><sup>1</sup></a></sup>",
        "<div id='sdfootnote1'><p class='sdfootnote'><a class='sdfootnotesym' name='sym1' href='#anc1'>1</a>"
        "In cold.</p></div>",
    ),
}


@pytest.mark.parametrize(("reference", "note"), NOTES.values(), ids=NOTES)
def test_footnotes_stand_in_their_sections_whatever_wrote_the_page(reference: str, note: str) -> None:
    assert page(f"<h2>Use</h2><p>It lasts 6 hours{reference}.</p><h2>Care</h2><p>Rinse it.</p>{note}") == [
        *("## Use", "It lasts 6 hours[1].", "[1] In cold.", "## Care", "Rinse it.")
    ]


def test_the_mark_of_a_footnote_makes_no_label_of_a_sentence() -> None:
    note = "<div id=ftn1><p><a href='#_ftnref1' name='_ftn1'>[1]</a> Part 44.</p></div>"
    mark = "<a href='#_ftn1' name='_ftnref1'>[1]</a>"
    assert page(
        f"<ol><li><p>Turn it.</p><p>Not by force.{mark}</p><ul><li>left</li></ul></li></ol>{note}"
    ) == [*("1. Turn it. Not by force.[1]", "  - left", "[1] Part 44.")]


def test_a_note_keeps_the_punctuation_that_it_begins_with():
    body = "<p>The gap is small<sup><a id='r1' href='#n1'>1</a></sup>.</p><ol><li id='n1'><p>{}</p></li></ol>"
    back = "<a href='#r1'>{}</a>"
    assert lines(body.format(f".5 mm at most. {back.format('^')}"), ".html")[-1] == "[1] .5 mm at most."
    assert lines(body.format(f"{back.format('1')}.5 mm at most."), ".html")[-1] == "[1] .5 mm at most."
    assert lines(body.format(f"<sup>{back.format('1')}</sup>. Half a mm."), ".html")[-1] == "[1] Half a mm."


def test_notes_that_share_one_paragraph_stay_where_they_are():
    assert lines(
        "<h2>Use</h2><p>Let it run<sup><a name='r1' href='#n1'>1</a></sup>.</p>"
        "<h2>Care</h2><p>Wipe it<sup><a name='r2' href='#n2'>2</a></sup>.</p>"
        "<p><a name='n1' href='#r1'>1</a> Six hours.<br><a name='n2' href='#r2'>2</a> With a cloth.</p>",
        ".html",
    )[4:] == ["1 Six hours.", "2 With a cloth."]


def test_a_note_loses_the_brackets_around_its_own_mark_too():
    body = "<p>Empty it<sup>[<a id='r1' href='#n1'>1</a>]</sup>.</p><p id='n1'>[<a href='#r1'>1</a>]{}</p>"
    assert lines(body.format(" Six months."), ".html")[-1] == "[1] Six months."
    assert lines(body.format(": Six months."), ".html")[-1] == "[1] Six months."


def test_only_what_is_one_note_alone_is_moved():
    text = "<h2>Use</h2><p>Let it run<sup><a id='r1' href='#n1'>1</a></sup>.</p><h2>Care</h2><p>Wipe it.</p>"
    part = "<div id='n1'><h3>Times</h3><p>Six hours. <a href='#r1'>Back</a></p></div>"
    assert lines(f"{text}{part}", ".html")[-2:] == ["### Times", "Six hours. Back"]
    around = "<div><a id='n1' href='#r1'>1</a> Six hours.<p>Call us.</p></div>"
    assert lines(f"{text}{around}", ".html")[-2:] == ["1 Six hours.", "Call us."]
    second = "<h2>Parts</h2><p>A cloth<sup><a id='r2' href='#n2'>2</a></sup>.</p>"
    notes = "<p><a id='n1'></a><a href='#r1'>1</a> Long.<br><a id='n2'></a><a href='#r2'>2</a> Soft.</p>"
    assert lines(f"{text}{second}{notes}", ".html")[-2:] == ["1 Long.", "2 Soft."]


def test_footnotes_that_nothing_refers_to_are_read_where_they_stand():
    page = (
        "<html><body><p>It hums.</p><dl class='footnotes'><dt id='x'>{}</dt><dd>Six.</dd></dl></body></html>"
    )
    assert lines(page.format("1"), ".html") == ["It hums.", "- 1: Six."]
    assert lines(page.format("<a href='#r'>1</a>"), ".html") == ["It hums.", "1 Six."]
    table = "<p>It hums.</p><table id='t' class='footnotes'><tr><td>1</td><td>Six.</td></tr></table>"
    assert lines(f"<html><body>{table}</body></html>", ".html") == ["It hums.", "1 | Six."]
