import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views.mrkdwn import (
    bold,
    code_blocks,
    escape,
    escape_line,
    link,
    mention,
    moment,
    plain,
    shorten,
    shorten_escaped,
)

ZERO = "\u200b"


def unescape(text: str) -> str:
    """What a person sees of mrkdwn without formatting."""
    text = text.replace(ZERO, "")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize(
    "ping", ["<!channel>", "<!here>", "<!everyone>", "<@U123>", "<!subteam^S1>", "<#C1>"]
)
def test_a_manual_pings_nobody(ping):
    assert escape(f"Call {ping} & wait") == f"Call &lt;{ping[1:-1]}&gt; &amp; wait"


def test_a_moment_is_told_on_the_readers_own_clock():
    at = "2026-11-01T23:30:00-02:00"
    assert moment(at) == "<!date^1793583000^{date_short_pretty} {time}|2026-11-02 01:30 UTC>"
    assert moment(at, "{date_short}") == "<!date^1793583000^{date_short}|2026-11-02>"


def test_text_that_is_escaped_already_is_shown_as_it_is_written():
    assert escape("&lt;!channel&gt;") == "&amp;lt;!channel&amp;gt;"


@pytest.mark.parametrize("marked", ["*bold*", "_slanted_", "~struck~", "`code`"])
def test_formatting_characters_format_nothing(marked):
    mark = marked[0]
    assert escape(f"a {marked} b") == f"a {mark}{ZERO}{marked[1:-1]}{ZERO}{mark} b"


def test_words_with_such_characters_inside_stay_as_they_are():
    assert escape("file_name, 2*3 and E-4") == "file_name, 2*3 and E-4"


def test_what_looks_like_an_emoji_or_a_quote_is_neither():
    assert escape("press :warning: at 12:30:45") == f"press :{ZERO}warning: at 12:30:45"
    assert escape("> 5 V\n>>> x") == f"{ZERO}&gt; 5 V\n{ZERO}&gt;&gt;&gt; x"


@given(st.text())
def test_nothing_is_lost_and_nothing_unescaped_is_left(text):
    escaped = escape(text)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)
    printable = "".join(c for c in text if c in "\t\n" or (ord(c) >= 32 and not 127 <= ord(c) <= 159))
    printable = re.sub("[\u200b\u202a-\u202e\u2066-\u2069]", "", printable)
    if "\x1b" not in text and "\x9b" not in text:
        assert unescape(escaped) == printable


def test_a_line_is_one_line():
    assert escape_line(" Care\n  and use ") == "Care and use"


def test_bold_stands_line_by_line_and_only_around_words():
    assert bold("1. Open.\n\n2. Close. ") == "*1. Open.*\n\n*2. Close.* "


def test_bold_within_a_word_is_set_off_by_nothing_that_is_seen():
    assert bold("cold", before="s", after="er") == f"{ZERO}*cold*{ZERO}"
    assert bold("cold", before="(", after=".") == "*cold*"


def test_an_asterisk_inside_bold_does_not_end_it():
    assert unescape(bold("press * twice*")) == "*press * twice**"
    assert not re.search(r"\w\*(?!$)", bold("press a* twice"))


def test_a_link_leads_to_the_web_only():
    assert link("https://a.example/m?x=1&y=2", "Guide") == "<https://a.example/m?x=1&amp;y=2|Guide>"
    assert link("https://a.example/a|b>c d", "x|y") == "<https://a.example/a%7Cb%3Ec%20d|x¦y>"
    for address in ("javascript:alert(1)", "file:///etc/passwd", "guide.html", "https://", "http://[x"):
        assert link(address, "Guide") == "Guide"


def test_plain_text_has_no_angle_brackets_and_keeps_its_limit():
    assert plain("Ping <!channel>\nnow", 75) == "Ping ‹!channel› now"
    assert plain("word " * 40, 24) == "word word word word…"


def test_persons_and_user_groups_are_mentioned_each_in_their_way():
    assert mention("U1") == "<@U1>"
    assert mention("S1") == "<!subteam^S1>"


def test_a_long_text_ends_at_a_sentence():
    assert shorten("One two. Three four. Five six seven.", 25) == "One two. Three four. …"
    assert shorten("One two.", 25) == "One two."
    assert shorten("First line.\nSecond line is long.", 22) == "First line. …"


def test_a_text_without_sentences_ends_at_a_word():
    assert shorten("alpha beta gamma delta epsilon", 20) == "alpha beta gamma…"


@given(st.text(alphabet="ab <&>._*\n", max_size=300), st.integers(20, 120))
def test_a_shortened_text_keeps_its_limit_when_escaped(text, limit):
    assert len(shorten_escaped(text, limit)) <= limit


@given(st.lists(st.text(alphabet="ab<>& `", max_size=60), max_size=8), st.integers(40, 90))
def test_a_table_is_cut_at_its_lines_into_code_that_fits(lines, limit):
    blocks = code_blocks("\n".join(lines), limit)

    assert all(len(block) <= limit for block in blocks)
    assert all(block.count("```") == 2 for block in blocks)
    shown = "\n".join(unescape(block[4:-4]) for block in blocks).split("\n")
    room = (limit - 8) // len("&amp;")  # of a line, however much of it is escaped
    kept = [line.replace("```", "'''")[:room] for line in lines if line.strip()]
    assert [line[:room] for line in shown if line.strip()] == [line for line in kept if line.strip()]


def test_a_table_in_code_shows_its_characters_and_ends_the_code_nowhere():
    assert code_blocks("a  <b> & ```c") == ["```\na  &lt;b&gt; &amp; '''c\n```"]
    assert code_blocks(" \n") == []
