"""Markdown → HTML → blocks, with the front matter as metadata."""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import replace

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from qa_core.documents.blocks import Content, Metadata, metadata_from
from qa_core.documents.html.document import read_html
from qa_core.documents.markdown.dialects import plain_markdown
from qa_core.documents.markdown.tags import is_html_tag

_TOML = re.compile(r"\ufeff?\s*\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|$)", re.DOTALL)
_PAIR = re.compile(r"^(\w+)\s*:\s*([^\[{\n]+)$", re.MULTILINE)
_TAG = re.compile(r"</?([A-Za-z][\w-]*)[^<>]*>")


def read_markdown(text: str) -> Content:
    """The content of a Markdown file: CommonMark with tables, definition lists and front matter."""
    parser = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .use(deflist_plugin)
        .use(footnote_plugin)
        .use(front_matter_plugin)
    )
    front = _TOML.match(text)
    tokens = parser.parse(plain_markdown(text[front.end() :] if front else text))
    for token in tokens:
        _escape_placeholders(token)
    body = str(parser.renderer.render([t for t in tokens if t.type != "front_matter"], parser.options, {}))
    content = read_html(f"<html><body>{body}</body></html>")
    return replace(content, metadata=_toml(front[1]) if front else _front_matter(tokens))


def _escape_placeholders(token: Token) -> None:
    """Keep words like `<OK>` or `<serial number>`, which are no HTML, as text."""
    for child in token.children or []:
        _escape_placeholders(child)
    if token.type in ("html_inline", "html_block"):
        token.content = _TAG.sub(_escape_unknown, token.content)


def _escape_unknown(tag: re.Match[str]) -> str:
    return tag[0] if is_html_tag(tag[1]) else html.escape(tag[0])


def _toml(text: str) -> Metadata:
    try:
        return metadata_from(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return Metadata()


def _front_matter(tokens: list[Token]) -> Metadata:
    """The front matter's values; of one that is no YAML, the lines that are plain pairs."""
    for token in tokens:
        if token.type == "front_matter":
            try:
                values = yaml.safe_load(token.content)
            except (yaml.YAMLError, ValueError):
                return metadata_from(dict(_PAIR.findall(token.content)))
            return (
                metadata_from({str(k): v for k, v in values.items()})
                if isinstance(values, dict)
                else Metadata()
            )
    return Metadata()
