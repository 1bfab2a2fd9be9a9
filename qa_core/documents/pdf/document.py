"""PDF → blocks with page numbers: words by pdfium, everything above them from their places and type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa_core.documents.blocks import Content, metadata_from
from qa_core.documents.pdf.booktabs import find_booktabs
from qa_core.documents.pdf.columns import find_aligned_tables
from qa_core.documents.pdf.flow import Flow
from qa_core.documents.pdf.flush_tables import find_flush_tables
from qa_core.documents.pdf.footnotes import with_placed_footnotes
from qa_core.documents.pdf.furniture import without_contents, without_furniture
from qa_core.documents.pdf.gutter import find_gutter, is_across
from qa_core.documents.pdf.headings import Entry, find_headings, without_contents_entries
from qa_core.documents.pdf.layers import layers_of
from qa_core.documents.pdf.lines import TextLine, counted, rows_of
from qa_core.documents.pdf.marks import with_parted_marks
from qa_core.documents.pdf.order import in_order
from qa_core.documents.pdf.page import Page, Word, read_page
from qa_core.documents.pdf.panels import find_panels
from qa_core.documents.pdf.step_lists import find_step_lists
from qa_core.documents.pdf.table_runs import PlacedTable
from qa_core.documents.pdf.tables import RuledTable, find_tables
from qa_core.errors import DocumentError

_TAIL_BYTES = 4096
_MIN_LETTERS_A_PAGE = 8  # fewer are stamps on scanned pages


def read_pdf(data: bytes) -> Content:
    """The content of a PDF. Raises DocumentError if it is encrypted, damaged or has no text layer."""
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-_TAIL_BYTES:]:
        raise DocumentError("truncated PDF: its end is missing; copy or download it again")
    document = _open(data)
    try:
        sheets = [read_page(document[i], i + 1) for i in range(len(document))]
        outline = _outline(document)
        told: dict[str, object] = {
            key: _decoded(document.get_metadata_value, key) for key in document.METADATA_KEYS
        }
    except pdfium.PdfiumError as error:
        raise DocumentError(f"damaged PDF ({error}); export it anew") from error
    finally:
        document.close()
    pages = with_parted_marks(layer for sheet in sheets for layer in layers_of(sheet))
    n_letters = sum(len(word.text) for page in pages for word in page.words)
    if n_letters < _MIN_LETTERS_A_PAGE * len(sheets):
        raise DocumentError("no text layer; run OCR first")
    blocks = list(_flow(without_furniture(pages), outline).blocks())
    return Content(tuple(with_placed_footnotes(blocks)), metadata_from(told))


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise DocumentError("encrypted PDF; save a copy without a password") from error
        raise DocumentError(f"truncated or damaged PDF ({error}); export it anew") from error


def _outline(document: pdfium.PdfDocument) -> list[Entry]:
    return without_contents_entries(list(_entries(document)))


def _entries(document: pdfium.PdfDocument) -> Iterator[Entry]:
    for bookmark in document.get_toc():
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        if page is not None:
            yield Entry(bookmark.level + 1, _decoded(bookmark.get_title), page + 1)


def _decoded(get: Callable[..., str], *args: str) -> str:
    """A text of the file's, or nothing where it is no UTF-16: a writer may have cut a letter in two."""
    try:
        return get(*args)
    except UnicodeDecodeError:
        return ""


def _flow(pages: Sequence[Page], outline: Sequence[Entry]) -> Flow:
    lines: list[TextLine] = []
    tables: list[PlacedTable] = []
    counts = counted(word for page in pages for word in (*page.words, *page.turned))
    for page in pages:
        found, gutter = _tables(page, counts)
        for item in in_order(_outside(page.words, found), found, page.number, gutter):
            if isinstance(item, RuledTable):
                tables.append(PlacedTable(item, page.number, len(lines)))
            else:
                lines.append(item)
    return _without_contents(lines, tables, outline)


def _tables(page: Page, counts: Mapping[str, int]) -> tuple[list[RuledTable], float | None]:
    """The tables of a page, and where its columns part if one of them is without rules in a column.

    A ruled row may be the shaded one of a table without rules.
    """
    ruled = find_tables([*page.words, *page.turned], page.rules, page.height, counts)
    found = [table for table in ruled if len(table.rows) > 1]
    found += find_booktabs(_outside(page.words, found), page.rules)
    found += find_panels(_outside(page.words, found))
    found += find_flush_tables(_outside(page.words, found))
    free = _outside(page.words, found)
    gutter = find_gutter(free, found) if free else None
    in_columns = [] if gutter is None else _in_columns(free, gutter)
    if gutter is None:
        lists = find_step_lists(free)
        found += [*lists, *find_aligned_tables(_outside(free, lists))]
    found += in_columns
    rows = [row for row in ruled if len(row.rows) == 1]
    found += [row for row in rows if all(row.y0 >= table.y1 or row.y1 <= table.y0 for table in found)]
    return found, gutter if in_columns else None


def _in_columns(words: Sequence[Word], gutter: float) -> list[RuledTable]:
    """The tables without rules left of a gutter, then those right of it; two rows may be text by chance."""
    beside = [word for row in rows_of(words) if not is_across(row, gutter) for word in row]
    left = [word for word in beside if word.x1 <= gutter]
    right = [word for word in beside if word.x0 >= gutter]
    return [table for side in (left, right) for table in find_aligned_tables(side) if len(table.rows) > 2]


def _outside(words: Sequence[Word], tables: Sequence[RuledTable]) -> list[Word]:
    return [word for word in words if not any(table.holds(word) for table in tables)]


def _without_contents(
    lines: Sequence[TextLine], tables: Sequence[PlacedTable], outline: Sequence[Entry]
) -> Flow:
    """The flow without the table of contents, which can be told once the headings are known."""
    titles = [entry.title for entry in outline] + [lines[i].text for i in find_headings(lines, outline)]
    kept = without_contents(lines, titles)
    positions = {id(line): i for i, line in enumerate(kept)}
    moved = []
    for placed in tables:
        below = (id(lines[i]) for i in range(placed.before, len(lines)))
        following = (positions[line] for line in below if line in positions)
        moved.append(PlacedTable(placed.table, placed.page, next(following, len(kept))))
    return Flow(kept, find_headings(kept, outline), moved)
