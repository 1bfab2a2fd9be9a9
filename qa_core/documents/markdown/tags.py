"""Which tags in Markdown are HTML; those of other tools, which are ended, go and leave what they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_core.documents.html.furniture import SKIPPED_TAGS
from qa_core.documents.html.text import BLOCK_TAGS
from qa_core.documents.markdown.spans import CODE, change_paragraphs

_INLINE_TAGS_TEXT = """
    a abbr b bdi br cite code del em i img ins kbd mark q s samp small span strong sub sup time tt u var
    wbr font col colgroup summary details ruby rb
"""
_INLINE_TAGS = frozenset(_INLINE_TAGS_TEXT.split())
_ENDED = re.compile(r"</([A-Za-z][\w.-]*+)\s*+>")
_TAG = re.compile(rf"{CODE}|</?(?P<name>[A-Za-z][\w.-]*+)(?:\s[^<>]*+)?>", re.DOTALL)


def is_html_tag(name: str) -> bool:
    """Whether HTML has such a tag, in small letters; `<OK>` and `<serial>` are words."""
    return not name.isupper() and name.lower() in _INLINE_TAGS | BLOCK_TAGS | SKIPPED_TAGS


def ended_tags(lines: Sequence[str]) -> frozenset[str]:
    """The names of tags that are no HTML, and no keys, as something ends them."""
    names = {name for line in lines for name in _ENDED.findall(line)}
    return frozenset(name for name in names if not (name.isupper() or is_html_tag(name)))


def without_tags(lines: Sequence[str], names: frozenset[str]) -> list[str]:
    """The lines without the tags of these names, outside code."""

    def shown(found: re.Match[str]) -> str:
        return "" if found["name"] in names else found[0]

    if not names:
        return list(lines)
    return list(change_paragraphs(lines, lambda paragraph: _TAG.sub(shown, paragraph)))
