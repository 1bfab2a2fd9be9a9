"""Marks in the paragraphs of Markdown, as MkDocs, Pandoc, Kramdown and wikis know them → what they show."""

from __future__ import annotations

import re

from qa_core.documents.markdown.myst import HTML_FORMATS, RAW_FORMATS
from qa_core.documents.markdown.spans import CODE, MATHS

_ATTRIBUTE = r"(?:[.#][\w-]++|[\w-]++=(?:\"[^\"\n]*+\"|'[^'\n]*+'|[^\s\"'{}]++))"
_BEHIND = rf"\{{:?[ \t]*+(?:{_ATTRIBUTE}(?:[ \t]++|(?=\}})))++\}}"
_IMAGE_BEHIND = r"(?<=\))\{:[^{}\n]*+\}"
_WIKI = r"\\?\[\\?\[(?P<wiki>(?!\s|\d+\\?\])[^\[\]\n]++)\]\\?\](?![(\[])"
_MARKED = re.compile(  # attributes behind code, links, images and marked text; wikis; keys; H~2~O and m^2^
    rf"{CODE}(?:(?P<code>{_BEHIND})|\{{=(?P<raw>[a-z0-9]++)\}})?|{MATHS}"
    rf"|(?:\]\([^()\n]*+\) ?|\](?=\{{[:.#])|\*\*[^*\n]++\*\*|(?<![*\w])\*[^*\s][^*\n]*+\*)(?P<text>{_BEHIND})"
    rf"|(?P<alone>{_IMAGE_BEHIND}|[ \t]?\{{:[ \t]*+{_ATTRIBUTE}[^{{}}\n]*+\}}(?=[ \t]*+(?:\n|\Z)))"
    rf"|(?P<embedded>!\\?\[\\?\[[^\[\]\n]++\]\\?\])|{_WIKI}"
    r"|(?<![\w+])\+\+(?P<keys>[a-z0-9][a-z0-9-]++|[a-z0-9][a-z0-9-]*+(?:\+[a-z0-9][a-z0-9-]*+)++)\+\+(?![\w+])"
    r"|(?<=[A-Za-z)])~(?P<sub>\d{1,3}|[A-Za-z]{1,4})~(?!~)|(?<=[\w)])\^(?P<sup>[+−-]?\d{1,3}|[a-z]{1,2}|[+−-])\^(?!\^)",
    re.DOTALL,
)
_WORD = re.compile(r"(?<![\w~])[A-Za-z]+$")
_ELEMENTS = re.compile(
    "(?:A[glrsu]|B[aeir]?|C[adelorsu]?|Fe?|G[ae]|H[eg]?|In?|Kr?|Li|M[gno]|N[abei]?|O|P[bt]?|R[bh]"
    "|S[beinr]?|T[eil]|U|V|W|Xe|Y|Z[nr])+"
)


def unmarked(paragraph: str) -> str:
    """A paragraph as it is shown: without attributes, with keys, and with the words of links."""
    return _MARKED.sub(_shown, paragraph)


def _shown(found: re.Match[str]) -> str:
    """What is shown of a mark: text without its attributes, or keys: `Ctrl+Alt+Del`."""
    if found["sub"] or found["sup"]:
        return _typed(found)
    if found["raw"]:
        return _raw(found)
    if found["keys"]:
        return "+".join(key.capitalize() for key in found["keys"].split("+"))
    if found["wiki"]:
        name: str = re.split(r"\\?\|", found["wiki"].rstrip("\\"))[-1]
        return name.rpartition("#")[2].strip()
    attributes = found["code"] or found["text"] or found["alone"] or found["embedded"] or ""
    return found[0].removesuffix(attributes).rstrip(" ") if attributes else found[0]


def _typed(found: re.Match[str]) -> str:
    tag = "sub" if found["sub"] else "sup"
    is_typed = tag == "sup" or _is_lowered(found)
    return f"<{tag}>{found[tag]}</{tag}>" if is_typed else found[0]


def _raw(found: re.Match[str]) -> str:
    """What Pandoc hands on to HTML; nothing of what is for other formats."""
    if found["raw"] not in RAW_FORMATS:
        return found[0]
    return found[0].split("{=")[0].strip("`") if found["raw"] in HTML_FORMATS else ""


def _is_lowered(found: re.Match[str]) -> bool:
    """Whether what stands between tildes is lowered, and no range: not `M~L~XL`, nor `A~B~C`."""
    before = _WORD.search(found.string[max(0, found.start() - 40) : found.start()])
    is_symbol = before is not None and (
        before[0].islower()
        or _ELEMENTS.fullmatch(before[0]) is not None
        or (len(before[0]) == 1 and found["sub"].islower())
    )
    is_ended = not re.match(r"\w", found.string[found.end() : found.end() + 1])
    return found["sub"].isdigit() or (is_symbol and is_ended)
