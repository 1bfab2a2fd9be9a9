"""What holds for files of every format: identity, and what is no manual."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.documents import read_content, read_document
from qa_core.documents.blocks import Heading, Line
from qa_core.documents.sections import build_sections
from qa_core.errors import DocumentError
from qa_core.types import Manual


def write(path: Path, data: bytes = b"Press OK.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def manual(path: Path, root: Path) -> Manual:
    return read_document(path, root).manual


def test_a_manual_is_named_by_its_path_below_the_source(tmp_path: Path) -> None:
    path = write(tmp_path / "folio" / "Größe 📠 guide.txt", b"Press OK.")

    found = manual(path, tmp_path)

    assert (found.source, found.path) == (str(tmp_path), "folio/Größe 📠 guide.txt")
    assert found.digest == hashlib.sha256(b"Press OK.").hexdigest()
    assert len(found.id) == 16


def test_a_file_that_is_its_own_source_is_named_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "folio.txt")

    assert (manual(path, path).source, manual(path, path).path) == (str(path), "folio.txt")


def test_ids_stay_with_the_place_and_not_with_the_content(tmp_path: Path) -> None:
    path, other = write(tmp_path / "a.txt"), write(tmp_path / "b.txt")
    before = manual(path, tmp_path)
    write(path, b"Press it twice.")

    assert manual(path, tmp_path).id == before.id != manual(other, tmp_path).id
    assert manual(path, tmp_path).digest != before.digest


@pytest.mark.parametrize(
    ("name", "product", "version"),
    [
        ("Galaxy_A50.txt", "Galaxy A50", None),
        ("Galaxy_Tab_A_10.5.txt", "Galaxy Tab A 10.5", None),
        ("HD-7710 User Guide v2.1.txt", "HD-7710", "2.1"),
        ("laser-printer-user-manual.txt", "laser printer", None),
        ("folio 540/user_guide_rev-3.txt", "folio 540", "3"),
        ("folio-540/en/manual.txt", "folio 540", None),
        ("en/Folio_540.txt", "Folio 540", None),
    ],
)
def test_product_and_version_come_from_folder_and_file(
    tmp_path: Path, name: str, product: str, version: str | None
) -> None:
    found = manual(write(tmp_path / "manuals" / name), tmp_path / "manuals")

    assert (found.product, found.version) == (product, version)


@pytest.mark.parametrize(
    ("name", "title", "product"),
    [
        ("dishwashers/ravik-d1.md", "Ravik D1", "Ravik D1"),
        ("dishwashers/ravik_d1_user-manual.md", "Ravik D1 – user manual", "Ravik D1"),
        ("dishwashers/ravik-d1/safety.md", "Ravik D1: safety", "Ravik D1"),
        ("dishwashers/ravik-d1.md", "Dishwashers: the Ravik D1", "Dishwashers"),
        ("Ravik D1/ch03.md", "CH03", "Ravik D1"),
        ("Ravik/ch03-safety.md", "Safety", "Ravik"),
        ("Ravik/setup.md", "Setup", "Ravik"),
    ],
)
def test_a_folder_of_several_products_gives_way_to_the_model(
    tmp_path: Path, name: str, title: str, product: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(f"# {title}\n\n## Capacity\n\nIt holds 12 place settings.\n\n## Errors\n\nNone.\n")
    assert manual(path, tmp_path).product == product


def test_the_product_takes_the_spelling_of_the_title(tmp_path: Path) -> None:
    path = write(
        tmp_path / "hadren-folio-540dn" / "guide.md", b"# Hadren Folio-540dn User Guide\n\n## Ink\n\nBuy.\n"
    )

    assert manual(path, tmp_path).product == "Hadren Folio-540dn"


def test_a_manual_without_telling_names_takes_the_sources_name(tmp_path: Path) -> None:
    assert manual(write(tmp_path / "tv-remote" / "manual.txt"), tmp_path / "tv-remote").product == "tv remote"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.md", b"", "empty file; export it anew or take it out"),
        ("a.txt", b" \n\t\n", "empty file; export it anew or take it out"),
        ("a.txt", bytes(range(256)) * 20, "binary data and no text; export it as PDF, DOCX, HTML or text"),
        ("a.txt", b"\x7fELF\x02\x01\x01\x00" + b"\x01\x02\x03\xff" * 500, "binary data and no text; export"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + b"\x90\x01\xfe" * 900, "binary data and no text; export"),
        ("a.pdf", b"Press OK.", "named .pdf but not a PDF inside; export it anew"),
        ("a.doc", rb"{\rtf1 Press OK.}", "an RTF file; save it as DOCX"),
        ("a.html", b"<html><body><nav>Menu</nav></body></html>", "no text in it; check that it is the file"),
        ("a.md", b"# Title\n\n## Section\n", "no text in it; check that it is the file you mean"),
    ],
)
def test_what_is_no_manual_is_refused_with_the_reason(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(DocumentError) as error:
        read_document(write(tmp_path / name, data), tmp_path)

    assert str(error.value).startswith(reason)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")  # root may read everything, so it is pretended

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(DocumentError, match=r"^cannot be opened: Permission denied; check its permissions$"):
        read_document(tmp_path / "a.txt", tmp_path)


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop.txt"
    loop.symlink_to(loop)

    with pytest.raises(DocumentError, match=r"^cannot be opened: Too many levels of symbolic links"):
        read_document(loop, tmp_path)


blocks = st.lists(
    st.builds(Heading, st.integers(1, 4), st.sampled_from(["Ink", "Paper", "Contents"]))
    | st.builds(
        Line, st.just("paragraph"), st.sampled_from(["Open it.", "Close it."]), page=st.integers(1, 3)
    )
)


@settings(deadline=None)
@given(blocks)
def test_every_line_is_in_a_section_with_a_path_and_pages_in_order(found: list[Heading | Line]) -> None:
    sections = build_sections(found, "Folio")

    said = {line for section in sections for line in section.text.split("\n")}
    assert {block.text for block in found if isinstance(block, Line)} <= said
    for section in sections:
        offsets = [start.offset for start in section.pages]
        assert section.heading_path
        assert offsets == sorted(set(offsets))
        assert all(offset <= len(section.text) for offset in offsets)
        assert not section.text or section.page_at(0) is not None


def test_data_between_the_words_are_left_out(tmp_path: Path) -> None:
    data = base64.b64encode(bytes(range(256)) * 20)
    text = b"# Setup\n\nPress OK. " + data + b" Then wait.\n\n" + data + b"\n\n# " + data + b"\n\nDone.\n"

    parsed = read_document(write(tmp_path / "a.md", text), tmp_path)

    assert [section.text for section in parsed.sections] == ["Press OK. Then wait.\nDone."]
    assert parsed.n_left_out == 3 * len(data) + 1, "with the space before the first"


@pytest.mark.parametrize("width", [64, 76])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "Press OK to go on.\n\n{}\n\nThen wait.\n"),
        ("a.md", "Press OK to go on.\n\n```\n{}\n```\n\nThen wait.\n"),
        ("a.txt", "Press OK to go on.\n\n{}\n\nThen wait.\n"),
        ("a.html", "<html><p>Press OK to go on.</p><p>{}</p><p>Then wait.</p></html>"),
        ("a.html", "<html><p>Press OK to go on.</p><pre>{}</pre><p>Then wait.</p></html>"),
    ],
    ids=["markdown", "markdown-code", "text", "html", "html-pre"],
)
def test_data_that_is_broken_into_lines_are_left_out_as_well(
    tmp_path: Path, name: str, text: str, width: int
) -> None:
    data = base64.b64encode(bytes(range(256)) * 4).decode()
    lines = "\n".join(textwrap.wrap(data, width))

    parsed = read_document(write(tmp_path / name, text.format(lines).encode()), tmp_path)

    assert [section.text for section in parsed.sections] == ["Press OK to go on.\nThen wait."]
    assert parsed.n_left_out >= len(data)


def test_a_few_long_words_and_lists_of_paths_are_no_data(tmp_path: Path) -> None:
    folder = "/opt/meridio/service/firmware/images/machines"
    paths = [f"{folder}/{'a' * number}/boot/loader" for number in range(1, 20)]
    text = "\n".join(["Copy these files:", "", *(f"- {path}" for path in paths), "", "Key: " + "A1b2" * 16])

    parsed = read_document(write(tmp_path / "a.md", text.encode()), tmp_path)

    assert parsed.n_left_out == 0
    assert all(path in parsed.sections[0].text for path in paths)


def test_a_certificate_to_paste_and_items_of_a_list_are_no_data(tmp_path: Path) -> None:
    lines = textwrap.wrap(base64.b64encode(bytes(range(256)) * 4).decode(), 64)
    pem = ["```", "-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", "```"]
    text = "\n".join(
        ["Paste this:", "", *pem, "", "Or one of these:", "", *(f"- {key}" for key in lines[:-1])]
    )

    parsed = read_document(write(tmp_path / "a.md", text.encode()), tmp_path)

    assert parsed.n_left_out == 0


def test_a_file_of_data_alone_holds_no_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", b"x" * 10_000)
    with pytest.raises(DocumentError, match="no text in it"):
        read_document(path, tmp_path)


def test_long_text_in_a_script_without_spaces_is_no_data(tmp_path: Path) -> None:
    text = "\u6309\u4e0b\u6309\u94ae\u3002" * 1000
    [section] = read_document(write(tmp_path / "a.md", text.encode()), tmp_path).sections
    assert section.text == text


def test_contents_that_name_the_manuals_headings_are_no_section() -> None:
    entries = [Line("step", "Ink", number=1), Line("paragraph", "2.1 PAPER TRAY")]
    text = [Heading(1, "1. Ink"), Line("paragraph", "Open it."), Heading(1, "2.1 Paper tray"), entries[0]]

    def paths(contents: list[Line]) -> list[str]:
        return [
            s.heading_path[0] for s in build_sections([Heading(1, "Contents"), *contents, *text], "Folio")
        ]

    assert paths(entries) == ["1. Ink", "2.1 Paper tray"]
    assert paths([*entries, Line("bullet", "A cable")]) == ["Contents", "1. Ink", "2.1 Paper tray"]


def test_contents_of_a_delivery_are_a_section_although_the_manual_tells_more_of_each() -> None:
    parts = ["Charger", "Battery"]
    contents = [Heading(3, "Contents"), *(Line("bullet", part) for part in parts)]
    told = [block for part in parts for block in (Heading(2, part), Line("paragraph", f"{part} it."))]
    uses = [Heading(2, name) for name in ("Use", "Care", "Storage")]

    def texts(blocks: list[Heading | Line]) -> list[str]:
        return [section.text for section in build_sections([Heading(1, "Drill X"), *blocks], "Drill X")]

    assert texts([Heading(2, "Delivery"), *contents, *told])[2] == "- Charger\n- Battery"
    assert texts([*told, *contents])[-1] == "- Charger\n- Battery"
    assert texts([*contents, *told, *uses])[1] == "- Charger\n- Battery"
    assert "- Charger\n- Battery" not in texts([*contents, *told, *uses[:2]])


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([".txt", ".md", ".html", ".docx", ".pdf", ""]))
def test_any_bytes_are_read_or_refused_but_never_crash(data: bytes, ending: str) -> None:
    for prefix in (b"", b"PK\x03\x04", b"%PDF-1.4\n", b"<html>", b"\xff\xfe", b"---\n"):
        with suppress(DocumentError):
            read_content(prefix + data, ending)


def test_half_a_character_in_front_matter_or_a_description_is_left_out(tmp_path: Path) -> None:
    front = rb"""---
title: "Kettle \ud83d guide"
product: "Kettle\udc00"
---
# Care

Rinse it.
"""
    described = write(tmp_path / "described.md", b"# Care\n\nRinse it.\n")
    write(tmp_path / "_described.md.about.json", rb'{"product": "Kettle \ud83d", "version": "2"}')

    found = read_document(write(tmp_path / "guide.md", front), tmp_path)

    assert (found.manual.title, found.manual.product) == ("Kettle guide", "Kettle")
    assert manual(described, tmp_path).product == "Kettle"
