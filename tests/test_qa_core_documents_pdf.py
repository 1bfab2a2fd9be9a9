from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from qa_core.documents import read_document
from qa_core.errors import DocumentError
from qa_core.types import PageStart, ParsedManual

HEIGHT = 800
Draw = Callable[[Canvas], None]


class Paper:
    """A page that is written on from top to bottom."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.y = 700.0

    def write(
        self, text: str, size: float = 10, x: float = 72, font: str = "Helvetica", gap: float = 0
    ) -> None:
        self.y -= size * 1.2 + gap
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.y, text)

    def heading(self, text: str, size: float = 16) -> None:
        self.write(text, size, font="Helvetica-Bold", gap=12)

    def paragraph(self, *lines: str, x: float = 72) -> None:
        for i, line in enumerate(lines):
            self.write(line, x=x, gap=0 if i else 6)

    def table(self, rows: list[list[str]], xs: list[float], font: str = "Helvetica") -> None:
        """A ruled table with rows of 20 points."""
        top = self.y - 10
        for i in range(len(rows) + 1):
            self.canvas.line(xs[0], top - 20 * i, xs[-1], top - 20 * i)
        for x in xs:
            self.canvas.line(x, top, x, top - 20 * len(rows))
        self.canvas.setFont(font, 10)
        for i, row in enumerate(rows):
            for text, x in zip(row, xs, strict=False):
                self.canvas.drawString(x + 4, top - 20 * i - 14, text)
        self.y = top - 20 * len(rows) - 10


def build(*draws: Callable[[Paper], None], encrypt: StandardEncryption | None = None) -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(500, HEIGHT), encrypt=encrypt)
    canvas.setTitle("Folio 540 User Guide")
    canvas.setSubject("product: Folio 540; version: 3.1")
    for number, draw in enumerate(draws, start=1):
        if len(draws) > 1:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(72, 770, f"Folio 540 – Chapter {number}")
        canvas.drawString(240, 30, f"Page {number} of {len(draws)}")
        draw(Paper(canvas))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def parse(folder: Path, data: bytes) -> ParsedManual:
    path = folder / "manual.pdf"
    path.write_bytes(data)
    return read_document(path, folder)


FULL = "This line of the manual is as long as the others, so that it fills its column up to"


def text_page(paper: Paper) -> None:
    paper.heading("Loading paper")
    paper.paragraph(FULL, "the right edge. Use only dry paper, and do not use pho-", "tographs.")
    paper.paragraph("1. Open the tray.")
    paper.paragraph("2. Squeeze the guides:")
    paper.paragraph("• Letter", x=90)
    paper.paragraph("• A4", x=90)
    paper.paragraph("3. Close it.")
    paper.heading("Ink", size=13)
    paper.paragraph(FULL, "there and then goes on, and")


def second_page(paper: Paper) -> None:
    paper.paragraph("on to the next page. A two-sided job", "is a two-", "sided job.")
    paper.heading("Faults")
    paper.paragraph("See the table.")


def test_headings_come_from_type_size_and_pages_are_known(tmp_path: Path) -> None:
    parsed = parse(tmp_path, build(text_page, second_page))

    assert [(section.heading_path, section.pages) for section in parsed.sections] == [
        (("Loading paper",), (PageStart(0, 1),)),
        (("Loading paper", "Ink"), (PageStart(0, 1),)),
        (("Faults",), (PageStart(0, 2),)),
    ]


def test_lines_are_joined_hyphens_and_furniture_go_lists_stay(tmp_path: Path) -> None:
    sections = parse(tmp_path, build(text_page, second_page)).sections

    assert sections[0].text.split("\n") == [
        f"{FULL} the right edge. Use only dry paper, and do not use photographs.",
        "1. Open the tray.",
        "2. Squeeze the guides:",
        "  - Letter",
        "  - A4",
        "3. Close it.",
    ]
    assert sections[1].text == (
        f"{FULL} there and then goes on, and on to the next page. A two-sided job is a two-sided job."
    )
    assert sections[2].text == "See the table."


def boxed(data: bytes, box: tuple[int, int, int, int]) -> bytes:
    """The same pages, their lower left corner elsewhere than at (0, 0)."""
    document, buffer = pdfium.PdfDocument(data), BytesIO()
    to_the_box = pdfium.PdfMatrix().translate(box[0], box[1])
    for page in document:
        for item in page.get_objects(max_depth=1):
            item.transform(to_the_box)
        page.set_mediabox(*box)
        page.gen_content()
    document.save(buffer)
    return buffer.getvalue()


def table_page(paper: Paper) -> None:
    paper.heading("Sizes")
    paper.table([["Paper", "Tray"], ["A4", "1 and 2"], ["Letter", "1"]], [72, 200, 400])


@pytest.mark.parametrize("box", [(0, 400, 500, 1200), (-250, -400, 250, 400)])
def test_a_page_may_begin_anywhere(tmp_path: Path, box: tuple[int, int, int, int]) -> None:
    data = build(text_page, second_page, table_page)

    assert parse(tmp_path, boxed(data, box)).sections == parse(tmp_path, data).sections


def test_metadata_names_title_product_and_version(tmp_path: Path) -> None:
    manual = parse(tmp_path, build(text_page)).manual

    assert (manual.title, manual.product, manual.version) == ("Folio 540 User Guide", "Folio 540", "3.1")


def test_headings_come_from_the_outline_where_there_is_one(tmp_path: Path) -> None:
    def page(paper: Paper) -> None:
        for level, title in ((0, "Paper"), (1, "Tray 1"), (0, "Ink")):
            paper.canvas.bookmarkPage(title)
            paper.canvas.addOutlineEntry(title, title, level)
            paper.write(title, gap=10)
            paper.paragraph("Some text.")

    sections = parse(tmp_path, build(page)).sections

    assert [section.heading_path for section in sections] == [("Paper",), ("Paper", "Tray 1"), ("Ink",)]


def test_a_heading_over_two_lines_is_one(tmp_path: Path) -> None:
    def page(paper: Paper) -> None:
        paper.heading("Connecting the printer to")
        paper.write("your network", 16, font="Helvetica-Bold")
        paper.paragraph(FULL, "there.")

    [section] = parse(tmp_path, build(page)).sections

    assert section.heading_path == ("Connecting the printer to your network",)


def test_bold_lines_of_the_texts_size_are_headings_but_warnings_are_not(tmp_path: Path) -> None:
    def page(paper: Paper) -> None:
        paper.paragraph(FULL, "there.")
        paper.write("Cleaning", font="Helvetica-Bold", gap=14)
        paper.paragraph(FULL, "there.")
        paper.write("WARNING", font="Helvetica-Bold", gap=14)
        paper.paragraph("It is hot.")

    sections = parse(tmp_path, build(page)).sections

    assert [section.heading_path[-1] for section in sections] == ["Folio 540 User Guide", "Cleaning"]
    assert sections[1].text.split("\n") == [f"{FULL} there.", "WARNING: It is hot."]


@pytest.mark.parametrize("sign", ["■", "⚠", "!"])  # the font lacks the second
def test_a_signal_word_behind_a_sign_leads_the_text_of_its_box(tmp_path: Path, sign: str) -> None:
    def page(paper: Paper) -> None:
        paper.heading("Cleaning")
        paper.write(f"{sign} DANGER", font="Helvetica-Bold", gap=14)
        paper.write("It is hot.", gap=4)
        paper.paragraph("1. Wait for an hour.")

    sections = parse(tmp_path, build(page)).sections

    assert sections[-1].text.split("\n") == ["DANGER: It is hot.", "1. Wait for an hour."]


def test_a_bold_heading_of_the_texts_size_over_two_lines_is_one_and_a_bold_text_is_none(
    tmp_path: Path,
) -> None:
    title = "1.4 Starting the machine from the library of drugs and of the areas of care"

    def page(paper: Paper) -> None:
        paper.paragraph(FULL, "there.")
        paper.write(title, font="Helvetica-Bold", gap=14)
        paper.write("in a hospital", font="Helvetica-Bold")
        paper.paragraph(FULL, "there.")
        paper.write(title, font="Helvetica-Bold", gap=14)
        paper.write("in a hospital.", font="Helvetica-Bold")

    sections = parse(tmp_path, build(page)).sections

    assert [section.heading_path[-1] for section in sections] == [
        "Folio 540 User Guide",
        f"{title} in a hospital",
    ]
    assert sections[1].text.split("\n") == [f"{FULL} there.", f"{title} in a hospital."]


@pytest.mark.parametrize("size", [10, 13])
def test_the_title_of_a_numbered_section_may_be_a_sentence(tmp_path: Path, size: int) -> None:
    title = "2.9 The lamp on the handle blinks and nothing that I press" + " anew" * (13 - size)

    def page(paper: Paper) -> None:
        paper.paragraph(FULL, "there.")
        paper.write("2.8 The lid does not close. It did before.", size, font="Helvetica-Bold", gap=14)
        paper.paragraph(FULL, "there.")
        paper.write(title, size, font="Helvetica-Bold", gap=14)
        paper.write("has an effect.", size, font="Helvetica-Bold")
        paper.paragraph(FULL, "there.")

    sections = parse(tmp_path, build(page)).sections

    assert [section.heading_path[-1] for section in sections[1:]] == [
        "2.8 The lid does not close. It did before.",
        f"{title} has an effect.",
    ]


def test_a_bold_counted_line_right_above_its_first_section_is_a_heading(tmp_path: Path) -> None:
    def page(paper: Paper) -> None:
        for chapter, name in enumerate(("Safety", "Care"), 1):
            paper.write(f"{chapter}. {name}", font="Helvetica-Bold", gap=14)
            for section in (1, 2):
                paper.write(f"{chapter}.{section}. {name} {section}", font="Helvetica-Bold", gap=14)
                paper.table([["*Code", "Meaning"], ["E-4", "Jam"]], [72, 150, 400])
                if chapter == 1:
                    paper.paragraph(FULL, "there.")

    assert [section.heading_path[-1] for section in parse(tmp_path, build(page)).sections] == [
        *("1. Safety", "1.1. Safety 1", "1.2. Safety 2"),
        *("2. Care", "2.1. Care 1", "2.2. Care 2"),
    ]


def test_bold_steps_and_bold_lists_of_sections_are_no_headings(tmp_path: Path) -> None:
    listed = ["1. Safety", "1.1 Pump", "1.2 Hose", "2. Lift it.", "3. Close it."]

    def page(paper: Paper) -> None:
        paper.heading("Pump")
        for line in listed:
            paper.write(line, font="Helvetica-Bold")
        paper.paragraph(FULL, "there.")

    [section] = parse(tmp_path, build(page)).sections

    assert section.text.startswith("1. Safety 1.1 Pump")


def test_sentences_in_the_type_of_headings_that_have_no_text_below_are_none(tmp_path: Path) -> None:
    steps = ["2.1 Press the key.", "2.2 Lift the lid.", "2.4 GHz is the band.", "3. Close it."]

    def page(paper: Paper) -> None:
        for step in steps:
            paper.write(step, 14, font="Helvetica-Bold", gap=14)
        paper.paragraph(FULL, "there.")

    [section] = parse(tmp_path, build(page)).sections

    assert section.heading_path[-1] == "Folio 540 User Guide"


def test_a_ruled_table_keeps_its_column_names_on_the_next_page(tmp_path: Path) -> None:
    def first(paper: Paper) -> None:
        paper.paragraph("The codes:")
        paper.table(
            [["Code", "Meaning", "Remedy"], ["E-4", "Jam", "Open it"], ["E-5", "Hot", "Wait"]],
            [72, 150, 250, 400],
        )

    def second(paper: Paper) -> None:
        paper.table([["E-6", "Dry", "Refill"]], [72, 150, 250, 400])
        paper.paragraph("That is all.")

    [section] = parse(tmp_path, build(first, second)).sections

    assert section.text.split("\n") == [
        "The codes:",
        "Code: E-4 | Meaning: Jam | Remedy: Open it",
        "Code: E-5 | Meaning: Hot | Remedy: Wait",
        "Code: E-6 | Meaning: Dry | Remedy: Refill",
        "That is all.",
    ]
    assert section.pages == (PageStart(0, 1), PageStart(section.text.index("Code: E-6"), 2))


def test_a_word_that_a_narrow_cell_breaks_is_made_whole(tmp_path: Path) -> None:
    def page(paper: Paper) -> None:
        paper.paragraph("The codes:")
        canvas, top = paper.canvas, paper.y - 10
        for y in (top, top - 30, top - 60):
            canvas.line(72, y, 300, y)
        for x in (72, 92, 300):
            canvas.line(x, top, x, top - 60)
        canvas.setFont("Helvetica-Bold", 8)
        for text, x, y in (("Co", 76, 12), ("de", 76, 22), ("Meaning of it", 96, 12)):
            canvas.drawString(x, top - y, text)
        canvas.setFont("Helvetica", 8)
        for text, x, y in (("F-", 76, 42), ("11", 76, 52), ("Paper", 96, 42), ("jam", 96, 52)):
            canvas.drawString(x, top - y, text)

    [section] = parse(tmp_path, build(page)).sections

    assert section.text.split("\n")[1] == "Code: F-11 | Meaning of it: Paper jam"


@pytest.mark.parametrize(
    ("text", "first", "second", "cell"),
    [
        ("It runs all day.", "Gear", "runs", "Gear runs"),
        ("The gearbox stands.", "Gear", "box", "Gearbox"),
        ("See page.", "www.gear.example/", "page", "www.gear.example/page"),
    ],
)
def test_a_word_that_fills_a_narrow_cell_is_broken_where_the_text_or_an_address_tells(
    tmp_path: Path, text: str, first: str, second: str, cell: str
) -> None:
    def page(paper: Paper) -> None:
        paper.paragraph(text)
        canvas, top = paper.canvas, paper.y - 10
        right = 80 + canvas.stringWidth(first, "Helvetica", 8)
        for y in (top, top - 30, top - 60):
            canvas.line(72, y, 300, y)
        for x in (72, right, 300):
            canvas.line(x, top, x, top - 60)
        canvas.setFont("Helvetica", 8)
        for word, x, y in (("Part", 76, 12), (first, 76, 42), (second, 76, 52), ("Wait", right + 4, 42)):
            canvas.drawString(x, top - y, word)

    [section] = parse(tmp_path, build(page)).sections

    assert f"{cell} | Wait" in section.text


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    def page(paper: Paper) -> None:
        paper.write("A line across the whole page comes before the columns and fills it all")
        top = paper.y
        for x, side in ((72, "left"), (290, "right")):
            paper.y = top - 20
            for i in range(8):
                paper.write(f"This is line {i} of the {side} one here", x=x)

    text = parse(tmp_path, build(page)).sections[0].text

    assert text.startswith("A line across the whole page comes before the columns")
    assert text.index("line 7 of the left") < text.index("line 0 of the right")


def test_a_table_of_contents_is_left_out(tmp_path: Path) -> None:
    def contents(paper: Paper) -> None:
        paper.heading("Contents")
        paper.paragraph("Loading paper ............................... 2")
        paper.write("Ink", gap=6)
        paper.canvas.drawString(400, paper.y, "2")

    sections = parse(tmp_path, build(contents, text_page)).sections

    assert [section.heading_path for section in sections] == [("Loading paper",), ("Loading paper", "Ink")]


def test_an_encrypted_pdf_is_refused(tmp_path: Path) -> None:
    data = build(text_page, encrypt=StandardEncryption("secret", canPrint=0))

    with pytest.raises(DocumentError, match=r"^encrypted PDF; save a copy without a password$"):
        parse(tmp_path, data)


def test_a_pdf_without_a_text_layer_is_refused(tmp_path: Path) -> None:
    def scan(canvas: Canvas) -> None:
        canvas.rect(50, 50, 400, 600, fill=1)

    buffer = BytesIO()
    canvas = Canvas(buffer)
    scan(canvas)
    canvas.showPage()
    canvas.save()

    with pytest.raises(DocumentError, match=r"^no text layer; run OCR first$"):
        parse(tmp_path, buffer.getvalue())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_pdf_is_refused(tmp_path: Path, share: float) -> None:
    data = build(text_page, second_page)

    with pytest.raises(DocumentError, match=r"^truncated PDF: its end is missing"):
        parse(tmp_path, data[: int(len(data) * share)])


def test_a_damaged_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"^truncated or damaged PDF \("):
        parse(tmp_path, b"%PDF-1.7\n" + b"\x00garbage" * 100 + b"\n%%EOF\n")


def test_an_empty_form_in_a_pdf_is_left_out(tmp_path: Path) -> None:
    def draw(paper: Paper) -> None:
        text_page(paper)
        paper.table([["", ""], ["", ""], ["", ""]], [72, 200, 400])

    parsed = parse(tmp_path, build(draw))
    assert "|" not in "".join(section.text for section in parsed.sections)


def test_rows_of_a_table_at_the_edge_of_a_page_are_no_furniture(tmp_path: Path) -> None:
    def draw(first: int) -> Draw:
        def page(paper: Paper) -> None:
            paper.heading(f"Sensors {first}")
            rows = [[f"Sensor {number}", f"input {number}"] for number in range(first, first + 30)]
            paper.table(rows, [72, 200, 400])

        return page

    manual = parse(tmp_path, build(draw(1), draw(40)))

    assert [section.text.split("\n")[-1] for section in manual.sections] == [
        "Sensor 30 | input 30",
        "Sensor 69 | input 69",
    ]


def test_a_chapter_beside_the_number_of_its_page_is_furniture(tmp_path: Path) -> None:
    def draw(number: int, foot: str) -> Draw:
        def page(paper: Paper) -> None:
            paper.heading(f"Part {number}")
            paper.paragraph("Press the key.")
            left, right = (str(number - 2), foot) if number % 2 == 0 else (foot, str(number - 2))
            paper.canvas.setFont("Helvetica", 9)
            paper.canvas.drawString(72, 15, left)
            paper.canvas.drawRightString(430, 15, right)

        return page

    manual = parse(tmp_path, build(*(draw(n, f"Chapter {n // 3}. Setup {'of it' * n}") for n in range(3, 7))))

    assert [section.text for section in manual.sections] == ["Press the key."] * 4


def _with_last_row(left: str, right: str) -> Draw:
    def page(paper: Paper) -> None:
        paper.heading("Part C")
        paper.paragraph("Press the key.")
        paper.canvas.drawString(72, 15, left)
        paper.canvas.drawRightString(430, 15, right)

    return page


def test_text_that_begins_like_a_numbered_footer_at_its_place_stays(tmp_path: Path) -> None:
    feet = [_with_last_row(f"Open the {part}", str(n)) for n, part in enumerate(("lid", "door", "tap"), 1)]
    texts = [_with_last_row(f"Open the {part} and take part C out.", "") for part in ("lid", "door")]

    manual = parse(tmp_path, build(*feet, *texts))

    text = "\n".join(section.text for section in manual.sections)
    assert "Open the lid and take part C out." in text
    assert "Open the door and take part C out." in text
    assert "tap" not in text


def test_two_rows_that_end_with_numbers_are_no_footers(tmp_path: Path) -> None:
    draws = [_with_last_row(text, str(n)) for n, text in enumerate(("Keys in all", "Lamps of the board"), 5)]

    manual = parse(tmp_path, build(*draws))

    text = "\n".join(section.text for section in manual.sections)
    assert "Keys in all" in text
    assert "Lamps of the board" in text


def test_lines_of_code_are_not_joined(tmp_path: Path) -> None:
    def draw(paper: Paper) -> None:
        paper.heading("Test")
        paper.paragraph("1. Run the test of the valve and wait until its lamp shines, and then write", x=72)
        paper.write("the report to the file", x=84)
        for code in ("dxctl valve open", "dxctl valve status"):
            paper.write(code, x=84, font="Courier")
        paper.write("and read it.", x=84)
        paper.paragraph("The report is written to the folder of the user who has started it, named")
        paper.write("/var/log/dxctl", font="Courier")

    assert parse(tmp_path, build(draw)).sections[0].text == (
        "1. Run the test of the valve and wait until its lamp shines, and then write the report to the file\n"
        "  dxctl valve open\n  dxctl valve status\n  and read it.\n"
        "The report is written to the folder of the user who has started it, named /var/log/dxctl"
    )


def test_a_paragraph_that_begins_with_a_full_line_of_code_goes_on(tmp_path: Path) -> None:
    def draw(paper: Paper) -> None:
        paper.heading("Test")
        paper.paragraph(FULL, "there.")
        paper.write("/var/log/dxctl/reports/valves/of/the/main/line/2024.txt", font="Courier", gap=6)
        paper.write("is the file that the report is written to.")

    assert parse(tmp_path, build(draw)).sections[0].text.split("\n")[1] == (
        "/var/log/dxctl/reports/valves/of/the/main/line/2024.txt is the file that the report is written to."
    )


def test_a_step_with_a_number_wider_than_its_indent_keeps_its_other_lines(tmp_path: Path) -> None:
    def draw(paper: Paper) -> None:
        paper.heading("Test")
        paper.paragraph(f"10. {FULL[:80]}")
        paper.write(
            "the right edge. Close the lid, and press the key that is beside the lamp. Wait a minute.", x=84
        )
        paper.write("The lamp goes out.", x=84)

    assert parse(tmp_path, build(draw)).sections[0].text.split("\n") == [
        f"10. {FULL[:80]} the right edge."
        " Close the lid, and press the key that is beside the lamp. Wait a minute. The lamp goes out."
    ]


def test_a_notice_in_a_font_of_fixed_width_is_one_paragraph(tmp_path: Path) -> None:
    def draw(paper: Paper) -> None:
        paper.heading("Test")
        paper.paragraph(*[FULL] * 4, "there.")
        paper.write("Do not open the lid while", font="Courier", gap=6)
        paper.write("the drum is turning, for 3 parts", font="Courier")
        paper.write("of it are sharp.", font="Courier")

    assert parse(tmp_path, build(draw)).sections[0].text.split("\n")[1:] == [
        "Do not open the lid while the drum is turning, for 3 parts of it are sharp."
    ]


def test_a_manual_that_is_written_on_a_typewriter_has_paragraphs(tmp_path: Path) -> None:
    def draw(paper: Paper) -> None:
        paper.write("The pump carries water from the sump to the spray", font="Courier")
        paper.write("arms.", font="Courier")

    assert parse(tmp_path, build(draw)).sections[0].text == (
        "The pump carries water from the sump to the spray arms."
    )


def _square() -> Glyph:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 500), (500, 500), (500, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def _register(folder: Path, name: str, sign: str) -> None:
    """A font with one sign."""
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "sign"])
    font.setupCharacterMap({ord(sign): "sign"})
    font.setupGlyf(dict.fromkeys([".notdef", "sign"], _square()))
    font.setupHorizontalMetrics({".notdef": (600, 0), "sign": (600, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": name, "psName": name})
    font.setupOS2()
    font.setupPost()
    font.save(folder / f"{name}.ttf")
    registerFont(TTFont(name, folder / f"{name}.ttf"))


def test_signs_of_icon_fonts_are_not_read(tmp_path: Path) -> None:
    _register(tmp_path, "FontAwesome", "\uf0c1")

    def draw(paper: Paper) -> None:
        paper.heading("Descaling")
        paper.canvas.setFont("FontAwesome", 10)
        paper.canvas.drawString(160, paper.y, "\uf0c1")
        paper.paragraph("Pour in vinegar.")

    assert parse(tmp_path, build(draw)).sections[0].heading_path == ("Descaling",)


@pytest.mark.parametrize(
    ("font", "sign", "line"),
    [
        ("Wingdings", "\uf0d8", "- is the key for the lamp."),
        ("ControlPanel", "\uf05a", "\uf05a is the key for the lamp."),
    ],
)
def test_only_usual_bullets_of_symbol_fonts_begin_items(
    tmp_path: Path, font: str, sign: str, line: str
) -> None:
    _register(tmp_path, font, sign)

    def draw(paper: Paper) -> None:
        paper.heading("Keys")
        paper.write(sign, font=font)
        paper.canvas.setFont("Helvetica", 10)
        paper.canvas.drawString(90, paper.y, "is the key for the lamp.")

    assert parse(tmp_path, build(draw)).sections[0].text == line


def at_edges(*pages: tuple[str, str], size: float = 16) -> bytes:
    """Pages with a bold line at the top, text, and a line at the bottom."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(500, HEIGHT))
    for top, bottom in pages:
        canvas.setFont("Helvetica-Bold", size)
        canvas.drawString(72, 740, top)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 700, f"The first paragraph of {top} is text.")
        canvas.drawString(72, 60, bottom)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize("titles", [("E-4", "E-5", "E-6"), ("Step 1", "Step 2", "Step 3"), ("E-4",)])
def test_headings_and_steps_at_the_edges_of_pages_stay(tmp_path: Path, titles: tuple[str, ...]) -> None:
    pages = [(title, f"{2 * i + 1}. Press OK.") for i, title in enumerate(titles)]

    parsed = parse(tmp_path, at_edges(*pages))

    assert [(s.heading_path, s.text.split("\n")[-1]) for s in parsed.sections] == [
        ((title,), step) for title, step in pages
    ]


def test_a_large_title_with_the_pages_number_goes(tmp_path: Path) -> None:
    parsed = parse(tmp_path, at_edges(*((f"Folio 540 {n}", f"Text on page {n} ends.") for n in range(1, 8))))

    assert [s.heading_path for s in parsed.sections] == [("manual",)]


def test_page_numbers_with_letters_go_where_they_count_the_pages(tmp_path: Path) -> None:
    parsed = parse(tmp_path, at_edges(*((f"Part {name}", f"A-{n}") for n, name in enumerate("KLM", start=5))))

    assert [s.text for s in parsed.sections] == [
        f"The first paragraph of Part {name} is text." for name in "KLM"
    ]


def test_values_that_dots_lead_to_are_no_contents(tmp_path: Path) -> None:
    def page(paper: Paper) -> None:
        paper.heading("Data")
        paper.paragraph("Ports ............ 8")
        paper.paragraph("Weight ........... 3 kg")
        paper.paragraph("Fans ............. 2")

    text = parse(tmp_path, build(page)).sections[0].text

    assert "Ports | 8" in text
    assert "Fans | 2" in text


def test_a_title_that_is_no_utf_16_says_nothing(tmp_path: Path) -> None:
    data = build(text_page).replace(b"Folio 540 User Guide", b"\\376\\377\\330\\000")

    assert parse(tmp_path, data).manual.title == "Loading paper"


def test_exponents_are_no_digits_of_the_number_before_them(tmp_path: Path) -> None:
    def draw(paper: Paper) -> None:
        text = paper.canvas.beginText(72, 700)
        text.setFont("Helvetica", 10)
        for plain, raised in (
            ("The tank takes 10", "5"),
            (" Pa, and 10", "-3"),
            (" mol in 5 m", "3"),
            (" of water.", ""),
        ):
            text.textOut(plain)
            text.setFont("Helvetica", 6)
            text.setRise(4)
            text.textOut(raised)
            text.setRise(0)
            text.setFont("Helvetica", 10)
        paper.canvas.drawText(text)

    [section] = parse(tmp_path, build(draw)).sections
    assert "The tank takes 10⁵ Pa, and 10⁻³ mol in 5 m³ of water." in section.text
