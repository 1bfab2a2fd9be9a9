"""Plain text → blocks: headings by underline, numbering or capitals; wrapped lines joined again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_core.documents.blocks import SIGNAL_WORDS, Block, Content, Heading, Line, Metadata, clean
from qa_core.documents.chapters import titled_chapter
from qa_core.documents.contents import Led, contents_in, fold
from qa_core.documents.tables import table_lines
from qa_core.documents.text.furniture import without_page_edges
from qa_core.documents.text.lists import begins_item, counts_in, item_line, mark_letters, without_mark
from qa_core.documents.text.tables import UNDERLINE, may_name_columns, n_over_columns, text_table
from qa_core.documents.text.title import banner, only_title, titled, with_title
from qa_core.documents.text.words import words_of

_UNIT = r"(?:[kMG]?Hz|[KMGT]B|kg|[cmk]m|k?Wh|k[WV]|m?Ah|mA|m?bar|k?Pa|psi|dB|°[CF]|%)(?!\w)"
_NUMBERED = re.compile(rf"(\d{{1,2}}(?:\.\d{{1,2}})*)\.?\s+(?!{_UNIT})(\S.*)")
_CHAPTER = re.compile(r"(?:chapter|section|part|appendix)\s+(?:\d+|[A-Z])\b.*", re.IGNORECASE)
_LEADER = re.compile(r"(.*?)(?:\.{4,}|(?:\. ){3,})\s*([^\s.].*)")
_NO_HEADING = re.compile(rf"{SIGNAL_WORDS}s?\b.*|.*[.,;:]", re.IGNORECASE)
_INDENTED = re.compile(r"^\s*\t\s*")
_NAMED = re.compile(r"\s*[A-ZÀ-Þ][^:.;,!?]{0,40}:\s+\S.*")
_CAPTION = re.compile(r".*:\s*|\s*[A-ZÀ-Þ](?!.*\s\s\S)[^.,;:!?|]{0,60}")  # of a table right below it
_ORNAMENT = re.compile(r"\s*(?:[*_~·•-]\s+){2,}[*_~·•-]\s*")
_CHAPTER_TITLE = re.compile(rf"(\d{{1,2}})\.?\s+(?!{_UNIT})([A-ZÀ-Þ][^\s.:;!?]*(?:\s[^\s.:;!?]+){{0,3}})")
_FEWEST_CHAPTERS, _WORDS_OF_CHAPTER = 3, 10
# What is said in capitals, and is no title: `DO NOT OPEN IT`, `E-5: MOTOR TOO HOT`.
_SAID = re.compile(r".*\b(?:DO NOT|DON'T|NEVER|ALWAYS|MUST)\b.*|[A-Z]{1,3}-?\d{1,4}\s*[:–-]\s.*")
_FEWEST_SHOUTED = 4  # words
_LONGEST_HEADING = 80
_DIVIDED_IN_CELL = re.compile(r"\b([^\W\d_]+)- ([^\W\d_]+)\b")
_WORD_ENDINGS_TEXT = "al ance ed ence er ers ing ings ity ly ment ments ness sion tion"
_WORD_ENDINGS = frozenset(_WORD_ENDINGS_TEXT.split())
_MOST_ROWS = 200  # below a rule, as far as they are looked at for columns


def read_text(text: str) -> Content:
    """The content of a plain text file."""
    text = without_page_edges(text)
    printed = _without_contents(text.split("\n"))
    lines = mark_letters([_INDENTED.sub(_spaces, line) for line in printed])
    words = words_of(text)
    blocks = [
        replace(block, text=without_mark(block.text)) for block in _titled(list(_paragraphs(lines)), words)
    ]
    return Content(tuple(blocks), Metadata(title=only_title(blocks)))


def _titled(paragraphs: Sequence[list[str]], words: frozenset[str]) -> list[Block]:
    """The blocks of a text, below its title where it has one, and chapters."""
    first = paragraphs[0] if paragraphs else []
    names = banner(first) if first and not _heading(first) and not begins_item(first[0]) else []
    below = _leveled_blocks(paragraphs[1:], words) if names else []
    if sum(isinstance(block, Heading) for block in below) > 1:
        return titled(names, below)
    return with_title(_leveled_blocks(paragraphs, words))


def _leveled_blocks(paragraphs: Sequence[list[str]], words: frozenset[str]) -> list[Block]:
    chapters = _chapters(paragraphs)
    found: list[Block] = []
    for at, paragraph in enumerate(paragraphs):
        found += [Heading(1, chapters[at])] if at in chapters else _blocks(paragraph, words)
    return list(_leveled(list(_with_shouted_lines(found))))


def _without_contents(lines: Sequence[str]) -> list[str]:
    """The lines without the entries of a table of contents, which are titles that stand elsewhere, too."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    found = ((i, _LEADER.fullmatch(lines[at])) for i, at in enumerate(filled))
    led = [Led(i, parts[1], parts[2].rstrip()) for i, parts in found if parts]
    entries = {filled[i] for i in contents_in(led, {fold(lines[at]) for at in filled})} if led else set()
    return [line for at, line in enumerate(lines) if at not in entries]


def _chapters(paragraphs: Sequence[Sequence[str]]) -> dict[int, str]:
    """Titles as `1. Safety` by the number of their paragraph, where all of the file's are counted so.

    They stand alone, count up by one, and have more text below them than a step has.
    """
    titles = [clean(without_mark(lines[0])) if len(lines) == 1 else "" for lines in paragraphs]
    found = [(at, parts) for at, title in enumerate(titles) if (parts := _CHAPTER_TITLE.fullmatch(title))]
    numbers = [int(parts[1]) for _, parts in found]
    if len(found) < _FEWEST_CHAPTERS or numbers != list(range(1, len(numbers) + 1)):
        return {}
    ends = [*(at for at, _ in found[1:]), len(paragraphs)]
    n_words = [
        sum(len(line.split()) for lines in paragraphs[at + 1 : end] for line in lines)
        for (at, _), end in zip(found, ends, strict=True)
    ]
    is_text = all(n_words) and sum(n_words) >= _WORDS_OF_CHAPTER * len(found)
    return {at: titles[at] for at, _ in found} if is_text else {}


def _with_shouted_lines(blocks: Sequence[Block]) -> Iterator[Block]:
    """Long lines in capitals that nothing stands below are said, not titles: `RINSE IT AFTER EVERY USE`."""
    for at, block in enumerate(blocks):
        is_last = at + 1 == len(blocks) or _is_shouted(blocks[at + 1])
        if at and is_last and isinstance(block, Heading) and _is_shouted(block):
            yield Line("paragraph", block.text)
        else:
            yield block


def _is_shouted(block: Block) -> bool:
    if not isinstance(block, Heading) or not block.text.isupper() or _NUMBERED.match(block.text):
        return False
    return len(block.text.split()) >= _FEWEST_SHOUTED


def _spaces(indent: re.Match[str]) -> str:
    return indent[0].expandtabs(4)


def _leveled(blocks: Sequence[Block]) -> Iterator[Block]:
    """Titles in capitals on one level with the numbered ones, where those are in capitals too."""
    headings = [block for block in blocks if isinstance(block, Heading)]
    is_shared = any(_NUMBERED.match(h.text) and h.level == 1 and h.text.isupper() for h in headings)
    for block in blocks:
        is_peer = isinstance(block, Heading) and block.text.isupper() and not _NUMBERED.match(block.text)
        yield Heading(1, block.text) if is_shared and is_peer else block


def _paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Groups of lines with no empty line between them; a heading and its underline stand alone.

    What stands under the names of a table's columns is no underline, nor what ends the table.
    """
    group: list[str] = []
    end = -1  # of the table with a rule that is being read
    for at, line in enumerate(lines):
        is_rule = at > end and UNDERLINE.fullmatch(line) is not None
        is_below_names = is_rule and bool(group) and may_name_columns(group[-1])
        last = _end_of_table(lines, at) if is_below_names else -1
        n_head = n_over_columns(group, lines[at + 1 : last + 1])
        if n_head and group[:-n_head]:
            yield group[:-n_head]
        if n_head:
            group, end = [*group[-n_head:], line], last
        elif not clean(line) or _ORNAMENT.fullmatch(line):
            if group:
                yield group
            group = []
        elif is_rule and group:
            *before, title = group
            if before:
                yield before
            yield [title, line]
            group = []
        elif not is_rule:
            group.append(line)
        if group and at == end:
            yield group
            group = []
    if group:
        yield group


def _end_of_table(lines: Sequence[str], rule: int) -> int:
    """Where a table ends that has a rule at this position: at its last rule, or in front of an empty line.

    A longer or shorter rule is the underline of the next heading. Of very many rows the first are enough.
    """
    end = last = rule
    for at in range(rule + 1, min(rule + _MOST_ROWS, len(lines))):
        if not clean(lines[at]):
            break
        if UNDERLINE.fullmatch(lines[at]):
            if at > rule + 1 and len(lines[at].rstrip()) != len(lines[rule].rstrip()):
                return last if last > rule else end - 1
            last = at
        end = at
    return last if last > rule else end


def _blocks(lines: Sequence[str], words: frozenset[str]) -> Iterator[Block]:
    """What stands between two empty lines, with a heading or a caption above it."""
    heading, grid = _heading(lines), text_table(lines)
    if heading:
        yield heading
    elif grid:
        yield from (replace(line, text=_with_whole_words(line.text, words)) for line in table_lines(grid))
    elif len(lines) > 1 and (first := _heading(lines[:1])) and not _heading(lines[1:2]):
        yield first
        yield from _blocks(lines[1:], words)
    elif len(lines) > 2 and _CAPTION.fullmatch(lines[0]) and text_table(lines[1:]):
        yield from _joined(lines[:1], words)
        yield from _blocks(lines[1:], words)
    elif len(lines) > 1 and all(map(_NAMED.fullmatch, lines)) and not any(map(begins_item, lines)):
        yield from (Line("paragraph", clean(line)) for line in lines)
    else:
        yield from _joined(lines, words)


def _heading(lines: Sequence[str]) -> Heading | None:
    title = clean(without_mark(lines[0]))
    if len(lines) == 2 and (underline := UNDERLINE.fullmatch(lines[1])):
        return Heading(1 if underline[1] or underline[4] else 2, title)
    if len(lines) == 2 and (chapter := titled_chapter(title, clean(without_mark(lines[1])))):
        return Heading(1, chapter)
    if len(lines) > 1 or len(title) > _LONGEST_HEADING or _NO_HEADING.fullmatch(title):
        return None
    numbered = _NUMBERED.fullmatch(title)
    if numbered and ("." in numbered[1] or numbered[2].isupper()):
        return Heading(numbered[1].count(".") + 1, title)
    if _CHAPTER.fullmatch(title):
        return Heading(1, title)
    is_name = title.isupper() and sum(char.isalpha() for char in title) >= 3 and not _SAID.fullmatch(title)
    return Heading(2, title) if is_name and not begins_item(lines[0]) else None


def _joined(lines: Sequence[str], words: frozenset[str]) -> Iterator[Line]:
    """Paragraphs, steps and bullets of a group, with what was wrapped joined again."""
    outer = min(_indent(line) for line in lines)
    counted = next(filter(None, map(counts_in, lines)), "")  # what the outer list counts in
    text, level = "", 0
    for line in lines:
        if text and not begins_item(line):
            text = _join_wrapped(text, clean(line), words)
            continue
        if text:
            yield item_line(text, level)
        text = clean(line)
        if begins_item(line):
            text = re.sub(r"^\*\s+", "• ", text)
            is_inner = _indent(line) >= outer + 2 or counts_in(line) not in ("", counted)
            level = int(is_inner)
    if text:
        yield item_line(text, level)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _join_wrapped(text: str, following: str, words: frozenset[str]) -> str:
    """Two lines of one paragraph as one; a hyphen between them goes where it only divides a word.

    So it does where the word stands whole elsewhere, or only its ending follows. In `user-friendly` it stays.
    """
    if text.endswith("-") and len(text) > 1 and text[-2].islower() and following[:1].islower():
        first, second = re.findall(r"\w+", text)[-1], re.findall(r"\w+", following)[0]
        return (text[:-1] if _is_divided(first, second, words) else text) + following
    return f"{text} {following}"


def _is_divided(first: str, second: str, words: frozenset[str]) -> bool:
    return f"{first}{second}".casefold() in words or second in _WORD_ENDINGS


def _with_whole_words(text: str, words: frozenset[str]) -> str:
    """The text of a table's row, words made whole that the lines of its cells divide."""

    def joined(pair: re.Match[str]) -> str:
        return f"{pair[1]}{pair[2]}" if _is_divided(pair[1], pair[2], words) else pair[0]

    return _DIVIDED_IN_CELL.sub(joined, text)
