"""A manual's Markdown source, read into the blocks that the builders set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one weight."""

    text: str
    bold: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a chapter."""

    level: int
    runs: Runs


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `is_note` marks the boxed ones (a block quote in the source)."""

    runs: Runs
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A step (with its number), a bullet (number 0), or a further paragraph of one (None)."""

    level: int  # from 0
    number: int | None
    opens_list: bool
    runs: Runs


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one header row."""

    header: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page (`---` in the source)."""


Block = Heading | Paragraph | Item | Table | PageBreak


@dataclass(frozen=True, slots=True)
class Source:
    """Front matter and blocks of one source."""

    meta: dict[str, str]
    blocks: tuple[Block, ...]


def read_source(path: Path) -> Source:
    """The front matter (`key: value` lines between two `---`) and the blocks of a Markdown file."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    meta = {key.strip(): value.strip() for key, value in (line.split(":", 1) for line in front.splitlines())}
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(body))
    return Source(meta, tuple(block for node in tree.children for block in _blocks(node)))


def _blocks(node: SyntaxTreeNode) -> Iterator[Block]:
    if node.type == "heading":
        yield Heading(int(node.tag[1]), _runs(node))
    elif node.type == "paragraph":
        yield Paragraph(_runs(node))
    elif node.type == "blockquote":
        yield from (Paragraph(_runs(child), is_note=True) for child in node.children)
    elif node.type in {"ordered_list", "bullet_list"}:
        yield from _items(node, 0)
    elif node.type == "table":
        rows = [
            tuple(_runs(cell) for cell in row.children) for part in node.children for row in part.children
        ]
        yield Table(rows[0], tuple(rows[1:]))
    elif node.type == "hr":
        yield PageBreak()
    else:
        raise ValueError(f"No builder sets a {node.type!r}. Write it as a list, table, paragraph or quote.")


def _items(node: SyntaxTreeNode, level: int) -> Iterator[Item]:
    for place, child in enumerate(node.children):
        number: int | None = place + 1 if node.type == "ordered_list" else 0
        for part in child.children:
            if part.type in {"ordered_list", "bullet_list"}:
                yield from _items(part, level + 1)
            else:
                yield Item(level, number, place == 0 and number is not None, _runs(part))
                number = None


def _runs(node: SyntaxTreeNode) -> Runs:
    return tuple(_inline(node, bold=False))


def _inline(node: SyntaxTreeNode, bold: bool) -> Iterator[Run]:
    for child in node.children:
        if child.type in {"text", "code_inline"}:
            yield Run(child.content, bold)
        elif child.type in {"softbreak", "hardbreak"}:
            yield Run(" ", bold)
        else:
            yield from _inline(child, bold or child.type == "strong")
