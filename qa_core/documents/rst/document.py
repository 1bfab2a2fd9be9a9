"""reStructuredText → Sphinx's Markdown → blocks."""

from __future__ import annotations

import re
from functools import partial

from qa_core.documents.blocks import Content
from qa_core.documents.markdown.document import read_markdown
from qa_core.documents.markdown.myst_roles import has_role
from qa_core.documents.markup import outside_code
from qa_core.documents.rst.blocks import Blocks

_MARKED = re.compile(
    r"``(?P<code>.+?)``(?!`)"
    r"|:(?P<role>[a-z][\w:+.-]*):`(?P<words>[^`]+)`"
    r"|`(?P<text>[^`<>]+?)(?:\s*<[^<>`]+>)?`__?(?!\w)"
    r"|\|(?P<name>[^|\s](?:[^|\n]*[^|\s])?)\|_{0,2}"
    r"|(?<![\w`])\[(?P<note>#?[\w-]+|\*)\]_(?!\w)"
    r"|(?<![\w`])(?P<target>[A-Za-z\d]+(?:[-.:+][A-Za-z\d]+)*)__?(?![\w`])"
    r"|\\(?P<gap>\s)",
    re.DOTALL,
)

_BEHIND = re.compile(r"\s*<[^<>]+>$")


def read_rst(text: str) -> Content:
    """The content of a file in reStructuredText, with the directives that Sphinx knows."""
    blocks = Blocks()
    lines = list(blocks.read([line.rstrip() for line in text.expandtabs().split("\n")]))
    shown = partial(_shown, blocks)
    return read_markdown(outside_code("\n".join(lines), lambda part: _MARKED.sub(shown, part)))


def _shown(blocks: Blocks, found: re.Match[str]) -> str:
    """What is shown of a mark: the words of a link, what stands for a name, or Markdown's role."""
    if found["role"]:
        role = f"{{{found['role']}}}`{found['words']}`"
        return role if has_role(role) else _BEHIND.sub("", found["words"])
    if found["note"]:
        return f"[^{found['note'].lstrip('#*') or 1}]"
    if found["name"]:
        return blocks.words.get(found["name"], found["name"])
    if found["target"]:
        return found["target"] if found["target"].casefold() in blocks.targets else found[0]
    return found["text"] or ("" if found["gap"] else found[0])
