"""What every reader makes of a file: headings and lines in reading order, and the file's metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

# Exponents, as they are written where type cannot be raised.
RAISED = str.maketrans("0123456789+-\u2010\u2011\u2012\u2013\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁻⁻⁻")

# What begins a remark, or titles its box.
SIGNAL_WORDS = (
    r"(?:notes?|tip|hint|important|attention|warning|caution|danger|notice"
    r"|hinweis|achtung|gefahr|vorsicht|warnung)"
)

# A line that begins a remark ("Note: …", "⚠ WARNING", "WARNING Hot surface") is no heading, however it is
# set; "Important safety instructions" and "Warning lights" are.
REMARK = (
    rf"(?:[^\w\s(\[]{{1,2}}\s*)?{SIGNAL_WORDS}\b"
    r"(?:\s*(?:(?!-\w)[^\w\s].*)?|(?-i:(?<=[A-Z]{3})\s+\S*[a-z].*))"
)

# The sign in front is an icon, or what stands for it in a font that lacks it.
_SIGNAL = re.compile(rf"[^\w\s(\[]{{0,2}}\s*({SIGNAL_WORDS})\s*[:!]?", re.IGNORECASE)


def signal_word(text: str) -> str:
    """The signal word that is all of a text, as in `⚠ WARNING`, or nothing."""
    found = _SIGNAL.fullmatch(text)
    return found[1] if found else ""


LineKind = Literal["paragraph", "step", "bullet", "row", "code"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the outermost."""

    level: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, a step, a bullet, a table row or a line of code, without its marker and line breaks."""

    kind: LineKind
    text: str
    level: int = 0
    number: int | None = None  # of a step; None where its label alone is known
    page: int | None = None
    label: str | None = None  # of a step whose mark is no plain number: `b)`, `iv.`, `1.2.`

    def __str__(self) -> str:
        """The line in the grammar of `types.Section`."""
        marker = {"step": f"{self.label or f'{self.number}.'} ", "bullet": "- "}.get(self.kind, "")
        return "  " * self.level + marker + self.text


Block = Heading | Line


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself; None where it says nothing."""

    title: str | None = None
    product: str | None = None
    version: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A file as its reader understands it."""

    blocks: tuple[Block, ...]
    metadata: Metadata = field(default_factory=Metadata)


_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e\x00-\x08\x0e-\x1f\x7f-\x9f"
    r"\ud800-\udfff]"  # halves of characters, as "\ud83d" in front matter: no file can hold them
)
_ODD_HYPHENS = re.compile("[\u2010\u2011]")
_LIGATURES = str.maketrans(
    {chr(0xFB00 + at): letters for at, letters in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
)
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """One line without invisible characters; odd hyphens, spaces and ligatures become plain ones."""
    text = _ODD_HYPHENS.sub("-", _INVISIBLE.sub("", text.replace("\x85", "…")))
    return _SPACE.sub(" ", text).strip().translate(_LIGATURES)


_SYMBOLS = r"\uf076\uf0a7\uf0b7\uf0d8\uf0fc"  # usual bullets of Symbol and Wingdings; others may be icons
_TYPED_BULLET = re.compile(rf"(?:[•●○▪■◆◦‣∙·➢➤►▶❏☐✓✔❑❖{_SYMBOLS}]\s*|[-–—]\s+)(?=\S)")
_TYPED_STEP = re.compile(r"(\d{1,3})(?:[.)]|\.\))\s+(?=\S)")


def typed_line(text: str, level: int = 0, page: int | None = None) -> Line:
    """A line from text that may carry a marker of its own: `• Open it`, `2) Close it`."""
    step = _TYPED_STEP.match(text)
    if step:
        return Line("step", text[step.end() :], level, int(step[1]), page)
    bullet = _TYPED_BULLET.match(text)
    if bullet and not text.endswith(("-", "–", "—")):
        return Line("bullet", text[bullet.end() :], level, None, page)
    return Line("paragraph", text, level, None, page)


_PAIR = re.compile(r"\s*(title|product|version|url)\s*[:=]\s*(.+?)\s*", re.IGNORECASE)


def metadata_from(values: dict[str, object]) -> Metadata:
    """The metadata among named values, whatever the case of their names.

    A value for `subject` or `keywords` may hold pairs: `product: HD-7710; version: 2`.
    """
    named = {name.casefold(): text for name, value in values.items() if (text := _text_of(value))}
    for holder in ("keywords", "subject"):
        for part in re.split(r"[;,\n]", named.get(holder, "")):
            pair = _PAIR.fullmatch(part)
            if pair:
                named.setdefault(pair[1].casefold(), pair[2])
    return Metadata(named.get("title"), named.get("product"), named.get("version"), named.get("url"))


def _text_of(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else clean(str(value))


def with_colon(term: str) -> str:
    """What leads a text that explains it; a sign at its end, as in `1.`, is enough."""
    return term if term.endswith((":", ".", "!", "?", ";")) else f"{term}:"
