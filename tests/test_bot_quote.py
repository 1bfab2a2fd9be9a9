from hypothesis import given
from hypothesis import strategies as st
from test_bot_mrkdwn import unescape

from bot.views.quote import SECTION_LIMIT, Marked, quote

STEPS = "Do this:\n1. Open the door.\n2. Pull the lever & close <it>.\n3. Wait."


def marked(text, bold="", shown=None):
    start = text.index(bold) if bold else 0
    shown = text if shown is None else shown
    first = text.index(shown)
    return Marked(text, first, first + len(shown), start, start + len(bold))


def test_the_span_is_bold_inside_its_sentence():
    text = "First. Descale it every 200 cups. Last."
    quoted = quote(marked(text, "every 200 cups", "Descale it every 200 cups."))
    assert quoted.sections == ("Descale it *every 200 cups*.",)
    assert quoted.whole


def test_a_span_over_several_steps_is_bold_in_each():
    span = "Open the door.\n2. Pull the lever & close <it>."
    assert quote(marked(STEPS, span)).sections == (
        "Do this:\n1. *Open the door.*\n*2. Pull the lever &amp; close &lt;it&gt;.*\n3. Wait.",
    )


def test_a_list_too_long_for_a_section_goes_on_in_the_next():
    text = "\n".join(f"{n}. {'Turn the screw gently. ' * 10}" for n in range(1, 21)).rstrip()
    quoted = quote(marked(text, "20. Turn"))
    assert quoted.whole
    assert len(quoted.sections) == 2
    assert quoted.sections[1].endswith("gently.")
    assert "*20. Turn*" in quoted.sections[1]


def test_what_is_too_long_for_a_message_ends_at_a_sentence():
    text = "Turn the small screw gently. " * 600
    quoted = quote(marked(text.strip(), "small screw"))
    assert not quoted.whole
    assert len(quoted.sections) == 3
    assert all(section.endswith("gently.") for section in quoted.sections)


def test_a_span_far_down_is_not_cut_off():
    text = "Turn the small screw gently. " * 600 + "Then press the red button."
    quoted = quote(marked(text, "red button"))
    assert quoted.sections == ("Then press the *red button*.",)
    assert not quoted.whole


def test_a_single_endless_sentence_is_cut_at_words():
    text = "word&" * 10 + " another" * 3_000
    quoted = quote(marked(text, "another"))
    assert all(len(section) <= SECTION_LIMIT for section in quoted.sections)
    assert quoted.sections[0].startswith("word&amp;")


words = st.sampled_from(
    ["Open.", "the", "door", "*now*", "<!channel>", "&", "\n1. ", "\n- ", "x" * 900, "a | b"]
)


@given(st.lists(words, min_size=1, max_size=60).map(" ".join), st.data())
def test_sections_keep_slacks_limit_and_the_manuals_words(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quoted = quote(Marked(text, 0, len(text), start, end))
    assert all(0 < len(section) <= 3_000 for section in quoted.sections)
    if quoted.whole:
        shown = "".join(unescape(section) for section in quoted.sections)
        assert _bare(shown) == _bare(text)


def _bare(text):
    return "".join(text.split()).replace("*", "")
