"""MathML → a formula on one line, as that of a Word file is read."""

from __future__ import annotations

from lxml.html import HtmlElement

from qa_core.documents.formulas import joined, rooted

_SIGNS = {"mfrac": "/", "msup": "^", "msub": "_", "munder": "_"}
_UNSHOWN = frozenset(["annotation", "annotation-xml", "mphantom"])
_INVISIBLE = dict.fromkeys(range(0x2061, 0x2065))  # operators that are only heard, as of a function


def formula_text(element: HtmlElement) -> str:
    """What an element of MathML shows, be it `math` or a part of it."""
    if element.tag in _UNSHOWN:
        return ""
    parts = [formula_text(child) for child in element if isinstance(child.tag, str)]
    if element.tag in ("msubsup", "munderover"):
        return joined([joined(parts[:2], "_"), *parts[2:]], "^")
    if element.tag == "msqrt":
        return rooted("".join(parts))
    if element.tag == "mroot":
        return "".join([*parts[1:], rooted("".join(parts[:1]))])
    own = (element.text or "").translate(_INVISIBLE)
    own = own if element.tag == "mtext" else own.strip()  # " if " stands apart from what is around it
    return own + joined(parts, _SIGNS.get(element.tag, ""))
