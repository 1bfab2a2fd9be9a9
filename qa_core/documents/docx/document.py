"""DOCX → HTML (by mammoth) → blocks, with Word's properties as metadata."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import mammoth
from lxml import etree

from qa_core.documents.blocks import Block, Content, Heading, Metadata, metadata_from
from qa_core.documents.docx.diagrams import with_diagrams
from qa_core.documents.docx.headings import HEADING_STYLES, with_headings
from qa_core.documents.docx.hidden import without_hidden
from qa_core.documents.docx.numbering import with_numbers, with_values
from qa_core.documents.docx.tables import with_heads
from qa_core.documents.docx.unread import with_unread
from qa_core.documents.docx.xml import with_usual_names
from qa_core.documents.html.document import read_html
from qa_core.documents.identity import is_kind_alone
from qa_core.errors import DocumentError

_MAX_UNPACKED_BYTES = 300 * 1024 * 1024
_MAX_RATIO = 200  # XML packs about 20 times, a bomb 1000 times
_BOMB_BYTES = 20 * 1024 * 1024  # below this no ratio is suspicious
_TITLE = "document-title"
_HEADING = re.compile(r"<h[1-6]\b[^<>]*>")
_STYLES = f"""
p[style-name='Title'] => h1.{_TITLE}:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Bullet 3'] => ul|ol > li > ul|ol > li > ul > li:fresh
p[style-name='List Number 2'] => ul|ol > li > ol > li:fresh
p[style-name='List Number 3'] => ul|ol > li > ul|ol > li > ol > li:fresh
p[style-name^='TOC'] => !
p[style-name^='toc'] => !
p[style-name='Header'] =>
p[style-name='Footer'] =>
""" + "\n".join(f"p.{style} => h{rank}:fresh" for rank, style in enumerate(HEADING_STYLES, 1))


def read_docx(data: bytes) -> Content:
    """The content of a Word file. Raises DocumentError if it is corrupt or unpacks to too much."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_sizes(archive)
            metadata = _properties(archive)
        shown = without_hidden(with_unread(with_diagrams(with_usual_names(data))))
        html = mammoth.convert_to_html(
            BytesIO(with_headings(with_numbers(with_heads(shown)))),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(_no_image),
        ).value
    except (DocumentError, MemoryError):
        raise
    except Exception as error:
        raise DocumentError(
            f"corrupt DOCX ({type(error).__name__}: {error}); save it anew from Word"
        ) from error
    content = read_html(f"<html><body>{with_values(html)}</body></html>")
    return Content(_below_title(content.blocks) if _is_titled(html) else content.blocks, metadata)


def _is_titled(html: str) -> bool:
    """Whether the first heading, and no other, is in the style of titles."""
    are_titles = [_TITLE in tag for tag in _HEADING.findall(html)]
    return any(are_titles[:1]) and not any(are_titles[1:])


def _below_title(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, all headings one level below the first, unless that only says what kind of manual it is."""
    first = next((block for block in blocks if isinstance(block, Heading)), None)
    if first is None or is_kind_alone(first.text):
        return tuple(blocks)
    return tuple(
        replace(block, level=block.level + 1) if isinstance(block, Heading) and block is not first else block
        for block in blocks
    )


def _check_sizes(archive: zipfile.ZipFile) -> None:
    """Refuse a zip bomb before anything is unpacked; zipfile stops at the size that a file states."""
    unpacked = sum(info.file_size for info in archive.infolist())
    packed = sum(info.compress_size for info in archive.infolist())
    is_bomb = unpacked > _BOMB_BYTES and unpacked > _MAX_RATIO * max(packed, 1)
    if is_bomb or unpacked > _MAX_UNPACKED_BYTES:
        raise DocumentError(
            f"unpacks from {packed / 1e6:.1f} to {unpacked / 1e6:,.0f} MB, as a zip bomb does; "
            "save it anew from Word, with smaller pictures"
        )


def _no_image(_image: object) -> dict[str, str]:
    return {"src": ""}


def _properties(archive: zipfile.ZipFile) -> Metadata:
    """Title, subject, keywords and version from docProps/core.xml."""
    if "docProps/core.xml" not in archive.namelist():
        return Metadata()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(archive.read("docProps/core.xml"), parser)
    if root is None:
        return Metadata()
    return metadata_from(
        {etree.QName(child).localname: child.text for child in root if isinstance(child.tag, str)}
    )
