"""A file (PDF, DOCX, HTML, Markdown, reStructuredText, AsciiDoc, text) → a manual's sections."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from qa_core.documents.blocks import Content, Line, without_data
from qa_core.documents.chapters import with_titled_chapters
from qa_core.documents.described import as_described
from qa_core.documents.identity import identify
from qa_core.documents.remarks import with_led_remarks
from qa_core.documents.sections import build_sections
from qa_core.documents.sniff import Format, decode, sniff_binary, sniff_text
from qa_core.errors import DocumentError
from qa_core.types import ParsedManual

PARSER_VERSION = "15"  # changes when the same file would be read differently


def read_document(path: Path, root: Path) -> ParsedManual:
    """The manual in the file `path`, which was found under the source `root` (a folder or the file).

    Raises DocumentError with the reason if there is no manual in it that can be read.
    """
    path, root = Path(os.path.abspath(path)), Path(os.path.abspath(root))
    data = _bytes_of(path)
    content = read_content(data, path.suffix.lower())
    content = replace(content, blocks=tuple(without_data(content.blocks)))
    if not any(isinstance(block, Line) for block in content.blocks):
        raise DocumentError("no text in it; check that it is the file you mean")
    base = root if root != path else root.parent
    content = replace(content, metadata=as_described(path, content.metadata))
    manual = identify(content, path, base, str(root), hashlib.sha256(data).hexdigest())
    blocks = tuple(with_led_remarks(tuple(with_titled_chapters(content.blocks))))
    return ParsedManual(manual, build_sections(blocks, manual.title))


def _bytes_of(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"cannot be opened: {error.strerror or error}; check its permissions") from error
    if not data.strip():
        raise DocumentError("empty file; export it anew or take it out")
    return data


def read_content(data: bytes, ending: str) -> Content:
    """What a file with these bytes and this ending says. The readers are imported when needed."""
    kind = sniff_binary(data, ending)
    if kind == "pdf":
        from qa_core.documents.pdf.document import read_pdf  # noqa: PLC0415

        return read_pdf(data)
    if kind == "docx":
        from qa_core.documents.docx.document import read_docx  # noqa: PLC0415

        return read_docx(data)
    text = decode(data)
    return _read_text(text, sniff_text(text, ending))


def _read_text(text: str, kind: Format) -> Content:
    if kind == "html":
        from qa_core.documents.html.document import read_html  # noqa: PLC0415

        return read_html(text)
    if kind == "markdown":
        from qa_core.documents.markdown.document import read_markdown  # noqa: PLC0415

        return read_markdown(text)
    if kind == "rst":
        from qa_core.documents.rst.document import read_rst  # noqa: PLC0415

        return read_rst(text)
    if kind == "asciidoc":
        from qa_core.documents.asciidoc.document import read_asciidoc  # noqa: PLC0415

        return read_asciidoc(text)
    from qa_core.documents.text.document import read_text  # noqa: PLC0415

    return read_text(text)
