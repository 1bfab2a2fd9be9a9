"""Text of manuals and people as Slack's mrkdwn: shown as it is written, formatting and pinging nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from bot.render.terminal import clean
from qa_core.units import split_sentences

ELLIPSIS = "…"
_NOTHING = "\u200b"  # zero-width space: beside a formatting character it keeps it from formatting
_OPENS = re.compile(r"(?<!\w)([*_~`])(?=\S)")
_CLOSES = re.compile(r"(?<=[^\s\u200b])([*_~`])(?!\w)")
_EMOJI = re.compile(r":(?=[0-9_'-]*[a-z+][a-z0-9_+'-]*:)")
_QUOTE = re.compile(r"^(\s*)&gt;", re.MULTILINE)
_BREAKS = re.compile(r"\s*\n\s*")
_LINKABLE = frozenset({"http", "https"})
_LONGEST_URL = 2_000


def escape(text: str) -> str:
    """The text as mrkdwn that shows exactly its characters: no mention, link, style, quote or emoji."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _OPENS.sub(rf"\1{_NOTHING}", text)
    text = _CLOSES.sub(rf"{_NOTHING}\1", text)
    text = _EMOJI.sub(f":{_NOTHING}", text)
    return _QUOTE.sub(rf"\1{_NOTHING}&gt;", text)


def escape_line(text: str) -> str:
    """The same on one line, for headings and labels."""
    return _BREAKS.sub(" ", escape(text)).strip()


def plain(text: str, limit: int) -> str:
    """One line for a plain_text object, of at most `limit` characters; angle brackets become rounder ones.

    Slack decodes entities in some of its plain texts and not in others: with these brackets a label reads
    well, and pings nobody, in all of them.
    """
    line = _BREAKS.sub(" ", clean(text)).strip().replace("<", "‹").replace(">", "›")
    return shorten_line(line, limit)


def bold(text: str, before: str = "", after: str = "") -> str:
    """The text in bold, line by line; `before` and `after` are what it stands between."""
    lines = text.split("\n")
    rendered = [_bold_line(line) for line in lines]
    lead = _NOTHING if before and (before[-1].isalnum() or not before[-1].isascii()) else ""
    tail = _NOTHING if after and (after[0].isalnum() or not after[0].isascii()) else ""
    return lead + "\n".join(rendered) + tail


def bold_line(text: str) -> str:
    """The text in bold on one line, for headings and names."""
    return _bold_line(_BREAKS.sub(" ", text))


def _bold_line(line: str) -> str:
    body = line.strip()
    if not body:
        return line
    start = line.index(body)
    # An asterisk inside would end the bold early, wherever it stands.
    inside = escape(body).replace("*", f"{_NOTHING}*{_NOTHING}")
    return f"{line[:start]}*{inside}*{line[start + len(body) :]}"


def link(url: str, text: str) -> str:
    """`text`, already escaped, as a link; just the text where the address is not one of the web."""
    if not is_web_address(url):
        return text
    address = quote(url.strip(), safe="%/:=&?~#+!$,;'@()*[]-._").replace("&", "&amp;")
    return f"<{address}|{text.replace('|', '¦')}>"


def code_blocks(text: str, limit: int = 2_900) -> list[str]:
    """Lines of equally wide characters, in as many texts of at most `limit` characters as they need."""
    parts: list[str] = []
    for line in clean(text).replace("```", "'''").split("\n"):
        shown = _cut_escaped(line, limit - 8)
        if parts and len(parts[-1]) + 1 + len(shown) <= limit - 8:
            parts[-1] += f"\n{shown}"
        else:
            parts.append(shown)
    return [f"```\n{part}\n```" for part in parts if part.strip()]


def _cut_escaped(line: str, limit: int) -> str:
    room = limit
    while len(shown := line[:room].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")) > limit:
        room -= -(-(len(shown) - limit) // len("&amp;"))
    return shown


def is_web_address(url: str) -> bool:
    """Whether a person can be sent to this address: http or https, with a host, not too long."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in _LINKABLE and bool(parts.netloc) and len(url) <= _LONGEST_URL


def mention(who: str) -> str:
    """A mention of a person, or of a user group (ids that begin with S)."""
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"


def moment(at: str, style: str = "{date_short_pretty} {time}") -> str:
    """A time (ISO 8601 with its zone) on each reader's own clock; in UTC where it cannot be shown so."""
    when = datetime.fromisoformat(at).astimezone(UTC)
    written = f"{when:%Y-%m-%d %H:%M} UTC" if "{time}" in style else f"{when:%Y-%m-%d}"
    return f"<!date^{int(when.timestamp())}^{style}|{written}>"


def shorten(text: str, limit: int) -> str:
    """The text up to the last sentence that ends within `limit` characters, and a sign that it goes on."""
    if len(text) <= limit:
        return text
    room = limit - len(ELLIPSIS) - 1
    ends = [end for line in _lines(text) for _, end in split_sentences(text, *line) if end <= room]
    if ends:
        return f"{text[: ends[-1]]} {ELLIPSIS}"
    return shorten_line(text, limit)


def shorten_line(text: str, limit: int) -> str:
    """The text up to the last word that ends within `limit` characters, and a sign that it goes on."""
    if len(text) <= limit:
        return text
    room = text[: limit - len(ELLIPSIS)]
    words = room.rsplit(None, 1)
    return (words[0] if len(words) == 2 and len(words[0]) > limit // 2 else room).rstrip() + ELLIPSIS


def shorten_escaped(text: str, limit: int) -> str:
    """The text escaped, and so short that this, too, keeps within `limit` characters."""
    room = limit
    while len(rendered := escape(shorten(text, room))) > limit:
        room -= max(1, len(rendered) - limit)
    return rendered


def _lines(text: str) -> list[tuple[int, int]]:
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append((start, start + len(line)))
        start += len(line) + 1
    return lines
