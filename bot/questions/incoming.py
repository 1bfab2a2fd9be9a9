"""What people write in Slack → the question that they ask. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa_core.tokens import is_sign

Message = Mapping[str, Any]

_BY_PEOPLE = (None, "", "file_share", "me_message", "thread_broadcast")  # subtypes of people's messages
_GONE = ("tombstone", "hidden_by_limit")  # modes of files
# None of these looks beyond the next "<" or the end of a word: 40,000 characters take no time.
_MENTION = re.compile(r"<@([^<>|]+)(?:\|[^<>]*)?>")
_OTHER_PEOPLE = re.compile(r"^\s*<(?:@|!subteam\^)")
_CHANNEL = re.compile(r"<#[^<>|]*\|([^<>]*)>")
_SPECIAL = re.compile(r"<!([^<>|]*)(?:\|([^<>]*))?>")
_LINK = re.compile(r"<([a-z][a-z0-9+.-]*:[^<>|]*)(?:\|([^<>]*))?>", re.IGNORECASE)
_ANGLE = re.compile(r"<[@#][^<>]*>")
_STYLE = re.compile(
    r"(?<![\w*_~`])[*_~`]+(?=[^\s*_~`])|(?<=[^\s*_~`])[*_~`]+(?![\w*_~`])|(?<!\S)[*_~`]{2,}(?!\S)"
)
# A name has a letter, so that times keep their minutes; four names have none.
_EMOJI = re.compile(
    r"(?::[0-9_+'-]*[a-z][a-z0-9_+'-]*:|:[+-]1:|(?<!\w):(?:100|1234):(?!\w))(?::skin-tone-\d:)?"
)

_GOES_ON = re.compile(r"\s*(?:and|or|what about|how about|same)\b", re.IGNORECASE)
_ASKING = re.compile(
    r"(?:(?:so|ok|okay|hi|hello|hey|please|also|then|well|but|and|or)[ ,]+)*"
    r"(?:how|whats?|what's|why|when|wheres?|where's|which|who|whose|whom|can|could|do|does|did|is|are|was|were"
    r"|should|shall|will|would|may|might|must|has|have|am|any|anyone|anybody|someone|somebody"
    r"|tell|show|explain|describe|find)\W+\w+\W+\w",
    re.IGNORECASE,
)
_THANKS = re.compile(r"(?:thanks|thank|thx|cheers|ta|great|perfect|nice|cool)\b", re.IGNORECASE)
_THANKING_WORDS = """
thanks thank thx cheers ta ok okay great perfect nice cool super awesome excellent brilliant lovely wonderful
worked works helped helps"""
_WITH_THANKS = "a again all and bot bye for it lot many much now so that that's this very you"
_THANKING = frozenset(_THANKING_WORDS.split())
_POLITE = _THANKING | frozenset(_WITH_THANKS.split())
# Of words that alone may ask: "help", "got a leak".
_THANKING_PHRASES = re.compile(
    r"\b(?:all good|good bot|(?:i )?got it|sounds good|for (?:all )?(?:the|your) (?:quick )?help)\b"
)
_QUESTION_MARKS = ("?", "？", "؟")


@dataclass(frozen=True, slots=True)
class Question:
    """A message of a person that may ask something."""

    text: str  # without Slack's markup: what was forwarded, where nobody added words; may be empty
    person: str
    channel: str
    ts: str
    thread_ts: str  # of the thread in which it is answered
    in_thread: bool  # whether it was written in that thread
    is_direct: bool  # in the direct messages with the bot
    is_mention: bool  # whether it names the bot
    to_others: bool  # whether it begins by naming somebody else
    is_smiley: bool  # whether it is a picture, and no words


def question_of(event: Message, bot_user_id: str) -> Question | None:
    """The question in an event of the type `message` or `app_mention`; None for what no person wrote now.

    Edited and deleted messages (see bot/questions/second_thoughts.py), those of bots, also where they speak
    for a person, and what Slack writes by itself are none.
    """
    person, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    if not _is_by_person(event) or not person or not channel or not ts or person == bot_user_id:
        return None
    raw = str(event.get("text") or "")
    thread_ts = event.get("thread_ts")
    mentioned = bot_user_id in mentioned_in(event)
    text = text_of_message(event)
    return Question(
        text=text,
        person=str(person),
        channel=str(channel),
        ts=str(ts),
        thread_ts=str(thread_ts or ts),
        in_thread=thread_ts is not None and thread_ts != ts,
        is_direct=is_direct(event),
        is_mention=mentioned or event.get("type") == "app_mention",
        to_others=bool(_OTHER_PEOPLE.match(raw)) and not mentioned,
        is_smiley=not text and (bool(_EMOJI.search(raw)) or any(map(_is_picture, raw))),
    )


def is_direct(event: Message) -> bool:
    """Whether it happened in direct messages with the bot."""
    channel_type = event.get("channel_type")
    if channel_type:
        return bool(channel_type == "im")
    return str(event.get("channel")).startswith("D")


def mentioned_in(message: Message) -> tuple[str, ...]:
    """The ids of those whom a message names."""
    return tuple(_MENTION.findall(str(message.get("text") or "")))


def manuals_in(event: Message) -> tuple[Mapping[str, Any], ...]:
    """The files of a message that may be manuals: no pictures, recordings, or files that are gone."""
    files = event.get("files") or ()
    return tuple(file for file in files if file.get("id") and not _is_no_manual(file))


def _is_no_manual(file: Mapping[str, Any]) -> bool:
    kind = str(file.get("mimetype") or "")
    return file.get("mode") in _GONE or kind.startswith(("image/", "video/", "audio/"))


def plain_text(text: str) -> str:
    """The words of a message: no mentions, styles and emoji, links by their labels, entities decoded.

    Empty where no letter, digit or sign is left, but marks or what cannot be seen.
    """
    text = _MENTION.sub(" ", text)
    text = _CHANNEL.sub(r"#\1", text)
    text = _SPECIAL.sub(lambda m: (m[2] or " ") if m[1].startswith("date") else " ", text)
    text = _LINK.sub(lambda m: m[2] or m[1], text)
    text = _EMOJI.sub(" ", _STYLE.sub("", _ANGLE.sub(" ", text)))
    words = html.unescape(" ".join(with_whole_characters(text).split()))
    return words if any(char.isalnum() or is_sign(char) for char in words) else ""


def with_whole_characters(text: str) -> str:
    """The text with � for each half of a character, as apps send that cut emoji in two: no store takes it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def text_of_message(message: Message) -> str:
    """The words of a message: where it has no text, of its blocks, its attachments and what it forwards."""
    text = plain_text(str(message.get("text") or ""))
    if text:
        return text
    parts = map(_text_in, message.get("blocks") or [])
    attached = map(_text_of_attachment, message.get("attachments") or [])
    return plain_text(" ".join(part for part in (*parts, *attached) if part))


def asks_something(text: str, going_on: bool = False) -> bool:
    """Whether a message that is not addressed to the bot is a question.

    `going_on`: in a thread about an earlier answer, where "and on the X200" is one, too.
    """
    if any(mark in text for mark in _QUESTION_MARKS):
        return True
    text = text.strip().replace("’", "'")
    if _THANKS.match(text):
        return False
    return bool(_ASKING.match(text)) or (going_on and goes_on(text) and not _THANKS.search(text))


def is_thanks(text: str) -> bool:
    """Whether a message says no more than "ok great" or "thanks, that worked"."""
    said = _THANKING_PHRASES.sub("thanks", " ".join(text.replace("’", "'").lower().split()))
    words = frozenset(re.findall(r"[\w']+", said))
    is_asking = any(mark in text for mark in _QUESTION_MARKS)
    return not is_asking and bool(words & _THANKING) and words <= _POLITE


def goes_on(text: str) -> bool:
    """Whether a message only makes sense after an earlier one: "and on the X200?"."""
    return bool(_GOES_ON.match(text))


def _is_by_person(event: Message) -> bool:
    return (
        event.get("subtype") in _BY_PEOPLE
        and not event.get("bot_id")
        and not event.get("hidden")
        and not event.get("edited")
        and event.get("user") != "USLACKBOT"
    )


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) == "So" and not is_sign(char)


def _text_of_attachment(attachment: Message) -> str:
    """The words of an app's attachment, or of a message that was forwarded."""
    return str(attachment.get("text") or _text_in(attachment) or attachment.get("fallback") or "")


def _text_in(block: Any) -> str:
    """The texts inside a block, of whatever kind."""
    if isinstance(block, Mapping):
        text = block.get("text")
        here = text if isinstance(text, str) else ""
        nested = [value for value in block.values() if isinstance(value, Mapping | list)]
        return " ".join(filter(None, [here, *map(_text_in, nested)]))
    if isinstance(block, list):
        return " ".join(filter(None, map(_text_in, block)))
    return ""
