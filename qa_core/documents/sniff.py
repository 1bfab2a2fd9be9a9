"""What kind of file some bytes are, told by their content first and the ending last; and their text."""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Literal

import charset_normalizer
import ftfy

from qa_core.errors import DocumentError

Format = Literal["pdf", "docx", "html", "markdown", "rst", "asciidoc", "text"]

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DOCX_PART = re.compile(r"word/document\d*\.xml")
_OTHER_ZIPS = (
    ("a presentation", "ppt/presentation.xml"),
    ("a spreadsheet", "xl/workbook.xml"),
    ("an EPUB file", "application/epub+zip"),
    ("an OpenDocument file", "application/vnd.oasis.opendocument"),
)
_HTML = re.compile(
    r"\s*(?:<!--(?:(?!-->).)*+-->\s*)*+<(?:!doctype\s+html|html|head|body|title|meta)\b|\s*<\?xml[^>]*>\s*<(?:!doctype\s+)?html",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"<(?:p|div|h[1-6]|table|ul|ol|li|br|span|body|section)\b[^<>]*>", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_MARKDOWN = re.compile(r"^#{1,6} \S.*$|^\|?\s*:?-{3,}:?\s*\|[\s|:-]*$|^```|^\[[^\]]+\]: \S+$", re.MULTILINE)
_FRONT_MATTER = re.compile(r"---\n(?:[\w-]+:.*\n)+---\n")
_MOJIBAKE = re.compile("Â\xa0|â\x80|Ã[\x80-\xbf]")
_HALF_OF_SPACE = re.compile(r"Â(?=[\s<]|$)")
_FIRST_STAND_IN = 0xF0000  # for private use, in a plane that no file has letters in
_BROKEN = {
    letter.encode().decode(encoding, "replace"): letter
    for letter in map(chr, range(0xC0, 0x100))
    for encoding in ("latin-1", "cp1252")
}
_WESTERN = re.compile(
    r"(?:Unknown|English|French|German|Spanish|Italian|Portuguese|Dutch|Swedish|Norwegian|Danish|Finnish"
    r"|Icelandic|Catalan|Basque|Galician|Indonesian|Irish)?"
)
_BY_ENDING: dict[str, Format] = {
    **dict.fromkeys([".md", ".markdown", ".mdown", ".mkd"], "markdown"),
    **dict.fromkeys([".adoc", ".asciidoc"], "asciidoc"),
    ".rst": "rst",
}
_HTML_ENDINGS = frozenset([".html", ".htm", ".xhtml"])


def sniff_binary(data: bytes, ending: str) -> Format | None:
    """The format if the bytes are not plain text. Raises DocumentError for formats that are not read."""
    head = data[:1024]
    is_pdf = ending == ".pdf" or b"%%EOF" in data[-1024:]  # else a text may name what PDFs begin with
    if head.lstrip().startswith(b"%PDF-") or (b"%PDF-" in head and is_pdf):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(data, ending)
    if head.startswith(_OLD_OFFICE):
        raise DocumentError("an old or password-protected Office file; save it as DOCX without a password")
    if head.startswith(b"{\\rtf"):
        raise DocumentError("an RTF file; save it as DOCX")
    if ending == ".pdf":
        raise DocumentError("named .pdf but not a PDF inside; export it anew")
    if ending == ".docx":
        raise DocumentError("corrupt DOCX: not a Word file inside; save it anew from Word")
    return None


def _sniff_zip(data: bytes, ending: str) -> Format:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:80].decode("latin-1") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, zlib.error) as error:
        what = "corrupt DOCX" if ending == ".docx" else "a damaged ZIP archive"
        raise DocumentError(f"{what} ({error}); save it anew from Word") from error
    if any(_DOCX_PART.fullmatch(name) for name in names):
        return "docx"
    if ending == ".docx":
        raise DocumentError("corrupt DOCX: word/document.xml is missing; save it anew from Word")
    for kind, part in _OTHER_ZIPS:
        if part in names or part in mime:
            raise DocumentError(f"{kind}, which is no kind of manual that is read; save it as PDF or DOCX")
    raise DocumentError("a ZIP archive and no DOCX; unpack it, or save it as PDF or DOCX")


def sniff_text(text: str, ending: str) -> Format:
    """Which of the text formats it is."""
    if _HTML.match(text):
        return "html"
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    n_tags = len(_HTML_TAG.findall(text[:100_000]))
    if n_tags >= (1 if ending in _HTML_ENDINGS else 10):
        return "html"
    if _FRONT_MATTER.match(text) or len(_MARKDOWN.findall(text[:100_000])) >= 2:
        return "markdown"
    return "text"


def decode(data: bytes) -> str:
    """The text in some bytes, mojibake repaired. Raises DocumentError if it is not text."""
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    return _without_mojibake(text).lstrip("\ufeff")


def _without_mojibake(text: str) -> str:
    """Undo UTF-8 read as Latin-1. ftfy leaves the first half of a no-break space where it stands alone."""
    if _MOJIBAKE.search(text):
        text = _HALF_OF_SPACE.sub(" ", text)
    shown = {form: chr(_FIRST_STAND_IN + at) for at, form in enumerate(_shown_broken(text))}
    for form, stand_in in shown.items():
        text = text.replace(form, stand_in)
    text = ftfy.fix_encoding(text)
    for form, stand_in in shown.items():
        text = text.replace(stand_in, form)
    return text


def _shown_broken(text: str) -> list[str]:
    """The broken letters that a text shows on purpose: it has them right as often, or more often."""
    found = {form: letter for form, letter in _BROKEN.items() if form in text}
    others = text
    for form in found:
        others = others.replace(form, " ")
    return [form for form, letter in found.items() if others.count(letter) >= text.count(form)]


def _decoded(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\x00" in data[:4096]:
        return _decoded_wide(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded_narrow(data)


def _decoded_wide(data: bytes) -> str:
    """UTF-16 without a byte order mark has its zeros on one side."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few, many = sorted((even, odd))
    if many > len(sample) // 8 and few <= many // 20:
        return data.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
    raise DocumentError("binary data and no text; export it as PDF, DOCX, HTML or text")


def _decoded_narrow(data: bytes) -> str:
    """A text that is not UTF-8: what it says of itself, else the likeliest encoding."""
    n_control = sum(data[:4096].count(code) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    if n_control > len(data[:4096]) // 100:
        raise DocumentError("binary data and no text; export it as PDF, DOCX, HTML or text")
    declared = _CHARSET.search(data[:4096])
    if declared:
        name = declared[1].decode("ascii").lower()
        with suppress(LookupError, UnicodeDecodeError):
            return data.decode("cp1252" if name in ("iso-8859-1", "latin1") else name)
    best = charset_normalizer.from_bytes(data[:200_000]).best()
    encoding = "cp1252" if best is None or _WESTERN.fullmatch(best.language) else best.encoding
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1" if encoding == "cp1252" else "cp1252", "replace")
