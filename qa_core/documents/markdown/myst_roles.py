"""The roles of MyST, as `{kbd}` before code: the words that the page shows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from qa_core.documents.markdown.spans import CODE

_LINKS_TEXT = "any doc download eq keyword numref ref term token cite footcite"
_WORDS_TEXT = """
    abbr code command dfn del emphasis envvar file guilabel index kbd literal mailheader makevar manpage math
    menuselection mimetype option program regexp samp strong
"""
_RAISED = {"sup": "sup", "superscript": "sup", "sub": "sub", "subscript": "sub"}
TARGET = re.compile(r"\s*\(([\w:.-]+)\)=\s*")  # names what is below for links
_REFERENCE = re.compile(r"\{(?:std:)?ref\}`([\w:.-]+)`(?!`)")
_LINKS = frozenset(_LINKS_TEXT.split())
_KNOWN = _LINKS | frozenset(_WORDS_TEXT.split()) | frozenset(_RAISED)
_DOMAINS = frozenset(["c", "cite", "cpp", "js", "py", "rst", "std"])
_ROLE_OR_CODE = re.compile(
    rf"\{{(?:(?P<domain>[a-z]++):)?(?P<name>[a-z]++)\}}(?P<marks>`++)(?P<words>.+?)(?<!`)(?P=marks)(?!`)|{CODE}",
    re.DOTALL,
)
_BEHIND_TITLE = re.compile(r"(?<=\S)\s*<[^<>]+>$")
_SIGN = re.compile(r"[\\`*_\[\]<>&{}|~$+#=!^.)-]")


def with_titles(lines: Sequence[str]) -> list[str]:
    """The lines, references to a heading that is named for links with its title, which the page shows."""
    named = [(at, found[1]) for at, line in enumerate(lines) if (found := TARGET.fullmatch(line))]
    filled = [at for at, line in enumerate(lines) if line.strip()]
    below = {name: lines[filled[i]] for at, name in named if (i := bisect_right(filled, at)) < len(filled)}
    titles = {
        name: re.sub(r"^#+|[*`<>]", "", line).strip() for name, line in below.items() if line[:1] == "#"
    }

    def titled(found: re.Match[str]) -> str:
        title = titles.get(found[1])
        return f"{{ref}}`{title} <{found[1]}>`" if title else found[0]

    return [_REFERENCE.sub(titled, line) for line in lines]


def has_role(paragraph: str) -> bool:
    """Whether a role that we know stands there, outside code."""
    return any(_is_known(found) for found in _ROLE_OR_CODE.finditer(paragraph))


def without_roles(paragraph: str) -> str:
    """The words of roles, without where they lead and with nothing in them read as Markdown."""
    return _ROLE_OR_CODE.sub(_words, paragraph)


def _is_known(found: re.Match[str]) -> bool:
    return found["domain"] in _DOMAINS or (found["domain"] is None and found["name"] in _KNOWN)


def _words(found: re.Match[str]) -> str:
    if not _is_known(found):
        return found[0]
    is_link = found["domain"] is not None or found["name"] in _LINKS
    words = _BEHIND_TITLE.sub("", found["words"]) if is_link else found["words"]
    shown = _SIGN.sub(lambda sign: f"&#{ord(sign[0])};", words)
    tag = _RAISED.get(found["name"]) if found["domain"] is None else None
    return f"<{tag}>{shown}</{tag}>" if tag else shown
