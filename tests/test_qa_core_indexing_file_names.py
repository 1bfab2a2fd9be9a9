import pytest

from qa_core.indexing.file_names import printable, printable_lines


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("manuals/Gerät 5 – é.pdf", "manuals/Gerät 5 – é.pdf"),
        ("a\nb.md", "a\\nb.md"),
        ("\x1b[2Ja\r\tb\x9b31m.md", "\\x1b[2Ja\\r\\tb\\x9b31m.md"),
        ("a\u202edm.exe", "a\\u202edm.exe"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_what_is_no_plain_character_is_escaped(path, printed):
    assert printable(path) == printed


def test_the_lines_of_a_message_stay_lines():
    assert printable_lines("Not read:\n  a\x1b[2J.md: empty") == "Not read:\n  a\\x1b[2J.md: empty"
