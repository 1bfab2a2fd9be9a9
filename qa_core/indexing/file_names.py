"""File names as they may be printed: a name may hold a line break, or what makes a terminal do things."""

from __future__ import annotations

import re

# Control characters, line separators, and the marks that turn the direction of writing.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(path: object) -> str:
    """The path on one line: what is no plain character is escaped, `\\n` and `\\x1b`."""
    return UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), str(path))


def printable_lines(text: object) -> str:
    """A message that may hold file names, escaped likewise; its lines stay lines."""
    return "\n".join(map(printable, str(text).split("\n")))
