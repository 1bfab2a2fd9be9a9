"""Builds the sample manuals that are not written by hand: `python manuals/_sources/build.py [NAME…]`.

Each `<name>.md` beside this file names its target, relative to `manuals/`, in its front matter; the
target's ending chooses the builder. Needs `reportlab`, `pyphen`, `python-docx` and `markdown-it-py`.

    ---
    target: some-ups/some-ups-user-guide.pdf
    title: Some UPS 1500 User Guide
    product: Some UPS 1500
    version: 2.1
    maker: Some Company
    document: SU-1500-UG
    outline: yes
    ---

`outline: no` leaves the bookmarks out of a PDF. `# ` is a chapter (the title comes from the front
matter), `---` in the text starts a page, `> ` boxes a warning, and lists nest by indentation.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pdf import build_pdf
from source import read_source
from word import build_docx

HERE = Path(__file__).parent
BUILDERS = {".pdf": build_pdf, ".docx": build_docx}


def main(names: list[str]) -> None:
    """Build the named sources, or all."""
    for path in [HERE / f"{name}.md" for name in names] or sorted(HERE.glob("*.md")):
        source = read_source(path)
        target = HERE.parent / source.meta["target"]
        target.parent.mkdir(exist_ok=True)
        BUILDERS[target.suffix](source, target)
        print(target)


if __name__ == "__main__":
    main(sys.argv[1:])
