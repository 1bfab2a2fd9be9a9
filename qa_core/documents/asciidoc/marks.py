"""Marks in the paragraphs of AsciiDoc → those of Markdown: macros, links, keys, attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARKED = re.compile(
    r"(?P<code>`[^`\n]+`)|\\(?P<escaped>[{<\[*_#])"
    r"|(?:xref|link|mailto|https?):[^\s\[\]]*\[(?P<link>[^\]]*)\]"
    r"|<<(?P<place>[^<>,\n]+)(?:,\s*(?P<titled>[^<>]+))?>>"
    r"|(?:btn|kbd):\[(?P<key>[^\]]+)\]|menu:(?P<menu>[^\[\n]+)\[(?P<entry>[^\]]*)\]"
    r"|image:(?!:)[^\s\[\]]+\[(?P<alt>[^\],]*)[^\]]*\]|footnote:\w*\[(?P<note>[^\]]*)\]"
    r"|(?:pass|stem|latexmath):\w*\[(?P<passed>[^\]]*)\]|\(\(\([^()]*\)\)\)|\(\((?P<term>[^()]+)\)\)"
    r"|\[\[[\w:.-]+(?:,[^\]]*)?\]\]|(?:anchor|indexterm2?):[\w.-]*\[[^\]]*\]"
    r"|(?:\[[#.%][^\]]*\])?(?<![\w#])\#{1,2}(?P<marked>[^\s#](?:[^#\n]*[^\s#])?)\#{1,2}(?!\w)"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w+])\+(?P<plain>[^\s+](?:[^+\n]*[^\s+])?)\+(?![\w+])"
    r"|\{(?P<name>\w[\w-]*)\}|(?P<gap>[ ]\+)(?=\n|\Z)"
)
_PLACES = {
    "nbsp": " ",
    "empty": "",
    "sp": " ",
    "plus": "+",
    "asterisk": "*",
    "vbar": "|",
    "lt": "<",
    "gt": ">",
}
_SHOWN = ("escaped", "titled", "key", "passed", "term", "marked", "plain")


def without_marks(paragraph: str, attributes: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """A paragraph as Markdown; `titles` are those of sections by the names that links call them."""

    def shown(found: re.Match[str]) -> str:
        if found["code"]:
            return re.sub(r"`\+(.+)\+`", r"`\1`", found[0])
        if found["name"]:
            return attributes.get(found["name"], _PLACES.get(found["name"], found[0]))
        if found["place"] and not found["titled"]:
            place = found["place"].rpartition("#")[2].strip()
            return titles.get(place, place.strip("_").replace("_", " "))
        if found["menu"]:
            return " > ".join([found["menu"], *filter(None, re.split(r"\s*>\s*", found["entry"]))])
        return _words(found)

    return _MARKED.sub(shown, paragraph)


def _words(found: re.Match[str]) -> str:
    if found["link"] is not None:
        address = found[0].partition("[")[0]
        return found["link"].rstrip("^") or re.sub(r"^(?:xref|link|mailto):", "", address)
    if found["bold"]:
        return f"**{found['bold'].strip('*')}**"
    if found["note"]:
        return f" ({found['note']})"
    if found["alt"]:
        return f" {found['alt']} "
    if found["gap"]:
        return "<br>"
    return next((found[name] for name in _SHOWN if found[name]), "")
