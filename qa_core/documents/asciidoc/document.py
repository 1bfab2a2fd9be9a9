"""AsciiDoc → Markdown → blocks."""

from __future__ import annotations

from qa_core.documents.asciidoc.blocks import Blocks
from qa_core.documents.asciidoc.marks import without_marks
from qa_core.documents.blocks import Content
from qa_core.documents.markdown.document import read_markdown
from qa_core.documents.markup import outside_code


def read_asciidoc(text: str) -> Content:
    """The content of a file in AsciiDoc, without what it includes of others."""
    blocks = Blocks()
    lines = [line.rstrip() for line in text.expandtabs().split("\n")]
    read = "\n".join(blocks.read(lines))  # which tells the attributes and titles
    return read_markdown(
        outside_code(read, lambda part: without_marks(part, blocks.attributes, blocks.titles))
    )
