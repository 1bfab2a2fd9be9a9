"""What a manual is called and which product it is for: from what the file says, else from its name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from qa_core.documents.blocks import Content, clean
from qa_core.documents.sections import find_title
from qa_core.types import Manual

_NO_TITLE = re.compile(
    r"untitled.*|microsoft word.*|powerpoint.*|document\d*|word document|index|home|\(?anonymous\)?"
    r"|unspecified|none|null|.+\.(?:docx?|pdf|indd|fm|html?|rtf|odt|qxd|xlsx?|dita|book)",
    re.IGNORECASE,
)
_KIND_WORDS_TEXT = """
    manual manuals guide guides handbook instructions instruction user users user's owner owners owner's
    operating operation operator operators service reference quick start getting started setup
    installation e-manual emanual readme index document documentation docs doc final draft copy print
    web online help pdf html en us uk eng english the for and of um file files v rev
"""
_KIND_WORDS = frozenset(_KIND_WORDS_TEXT.split())
_VERSION = re.compile(
    r"(?<![^\W_])(?:v|ver|version|rev|revision)[ ._-]?(\d+(?:\.\d+)*[a-z]?)(?![^\W_])", re.IGNORECASE
)

_CODE = re.compile(r"(?=\w*\d)(?=\w*[^\W\d_])\w{2,}")  # a word of letters and digits, as a model's


def identify(content: Content, path: Path, base: Path, source: str, digest: str) -> Manual:
    """The manual that was read from `path`, which lies below `base`."""
    relative = path.relative_to(base)
    metadata = content.metadata
    told = _told_title(content)
    title = told or clean(_spaced(relative.stem))
    return Manual(
        id=hashlib.sha256(f"{source}\0{relative.as_posix()}".encode("utf-8", "surrogateescape")).hexdigest()[
            :16
        ],
        source=source,
        path=relative.as_posix(),
        title=title,
        product=metadata.product or _product(relative, base, title, told or ""),
        version=metadata.version or _version(relative),
        url=metadata.url,
        digest=digest,
    )


def _told_title(content: Content) -> str | None:
    """The title in the metadata, else the heading over the whole manual."""
    told = content.metadata.title
    if told and not _NO_TITLE.fullmatch(told):
        return told
    heading = find_title(content.blocks, told)
    return heading.text if heading else None


def _product(relative: Path, base: Path, title: str, told: str) -> str:
    """The folder's name below the source, one folder a product; else the file's; else the source's.

    A folder of several products, as `dishwashers`, gives way to the model that is named below it and in the
    title that the file tells.
    """
    found = [
        product for name in (*relative.parts[:-1], relative.stem) if (product := _without_kind_words(name))
    ]
    if not found:
        product = _without_kind_words(base.name)
        return _as_in(title, product) if product else title
    model = next((name for name in found[1:] if _CODE.search(name) and _found_in(told, name)), None)
    if model is None or any(map(str.isdigit, found[0])) or _words(found[0]) & (_words(told) | _words(model)):
        return _as_in(title, found[0])
    return _as_in(title, model)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _without_kind_words(name: str) -> str:
    """`Galaxy_A01_user-manual` → `Galaxy A01`; empty if the name only says what kind of file it is."""
    words = _spaced(_VERSION.sub(" ", name.replace("_", " "))).split()
    if is_kind_alone(" ".join(words)):
        return ""
    while _is_kind(words[-1]):
        words.pop()
    return clean(" ".join(words))


def is_kind_alone(text: str) -> bool:
    """Whether a text only says what kind of manual it is: `User guide`."""
    return all(map(_is_kind, text.split()))


def _spaced(name: str) -> str:
    """A file's name as words: small ones joined by hyphens are parted, a model like HD-7710 is not."""
    text = name.replace("_", " ").strip()
    return text.replace("-", " ") if " " not in text and text == text.lower() else text


def _is_kind(word: str) -> bool:
    return all(part in _KIND_WORDS or not part for part in re.split(r"[-.,()&+]", word.casefold()))


def _as_in(title: str, product: str) -> str:
    """The product with the capitals and hyphens that it has in the title, where it stands there."""
    found = _found_in(title, product)
    return found[0] if found else product


def _found_in(title: str, product: str) -> re.Match[str] | None:
    words = [re.escape(word) for word in product.split()]
    return re.search(r"(?<!\w)" + r"[\s_-]+".join(words) + r"(?!\w)", title, re.IGNORECASE)


def _version(relative: Path) -> str | None:
    for name in (relative.stem, *reversed(relative.parts[:-1])):
        found = _VERSION.search(name)
        if found:
            return found[1]
    return None
