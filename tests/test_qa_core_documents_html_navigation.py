"""What help centres and tools write around a page's text to lead through the help."""

from __future__ import annotations

import time

import pytest

from qa_core.documents.blocks import Heading
from qa_core.documents.html.document import read_html


def lines(body: str) -> list[str]:
    blocks = read_html(f"<html><body>{body}</body></html>").blocks
    return ["#" * b.level + " " + b.text if isinstance(b, Heading) else str(b) for b in blocks]


TEXT = "<h2>Care</h2><p>Wipe it.</p>"


@pytest.mark.parametrize(
    "bar",
    [
        "Next <a href='1.html'>Previous</a> <a href='toc.html'>Contents</a>",
        "<p>Next: <a href='2.html'>Winter</a>, Previous: <a href='1.html'>Use</a>, Up:"
        " <a href='0.html'>Pump</a> &nbsp; [<a href='c.html'>Contents</a>][<a href='i.html'>Index</a>]</p>",
        "<table><tr><td>[ &lt; ]</td><td>[<a href='2.html'> &gt; </a>]</td><td>[Up]</td>"
        "<td> </td><td>[<a href='top.html'>Top</a>]</td><td>[<a href='about.html'> ? </a>]</td></tr></table>",
        "<p>This document was generated on <em>May 3</em> using <em>texi2html</em>.</p>",
    ],
    ids=["LinuxDoc", "makeinfo", "texi2html", "generated"],
)
def test_bars_of_links_to_other_pages_go(bar: str) -> None:
    assert lines(f"{bar}<hr>{TEXT}<hr>{bar}") == ["## Care", "Wipe it."]


@pytest.mark.parametrize(
    "part",
    [
        "<div class='article-author'><div class='article-meta'><a href='/u'>Jo</a> 3 months ago</div></div>",
        "<div class='article-attachments'><ul><li><a href='/a'>a.pdf</a> 200 KB</li></ul></div>",
        "<section class='related-articles'><h2>Related articles</h2><ul><li><a>Use</a></li></ul></section>",
        "<section class='article-comments'><h2>Comments</h2><p>It did not help me.</p></section>",
        "<p>Did this answer your question?</p><p>Yes No</p><p>Thank you for your feedback!</p>",
        "<p>Article ID: 3301 | Last Updated: 3 May | Views: 88</p><p>Share this article</p>",
        "<ul class='crumbs'><li><a href='/'>Home</a> &gt;</li><li>Care of the pump</li></ul>",
    ],
)
def test_what_help_centres_put_around_an_article_goes(part: str) -> None:
    assert lines(f"{TEXT}{part}") == ["## Care", "Wipe it."]


@pytest.mark.parametrize(
    "part",
    [
        "<div class='comments-area' id='comments'><h2>2 thoughts on “Care”</h2><ol class='comment-list'>"
        "<li><p>Mine leaks, too.</p></li></ol></div>",
        "<ol class='commentlist'><li><p>Mine leaks, too.</p></li></ol>",
        "<div class='comment-respond' id='respond'><h3>Leave a Reply</h3><p>All fields are needed.</p></div>",
        "<div class='sharedaddy sd-sharing-enabled'><h3>Share this:</h3><ul><li>by mail</li></ul></div>",
        "<div class='jp-relatedposts'><h3><em>Related</em></h3><p>Ten pumps for ponds</p></div>",
        "<section class='related-posts'><h2>You may like</h2><p>Ten pumps for ponds</p></section>",
        "<div class='entry-meta'><span>Posted on 3 March by Jo</span></div>",
        "<div class='wp-block-comments'><h2>Responses</h2><p>Mine leaks, too.</p></div>",
    ],
)
def test_what_blogs_put_around_an_article_goes(part: str) -> None:
    assert lines(f"{TEXT}{part}") == ["## Care", "Wipe it."]


def test_an_index_that_sphinx_makes_goes() -> None:
    index = (
        "<h1>Index</h1><div class='genindex-jumpbox'><a href='#H'>H</a></div><h2 id='H'>H</h2>"
        "<table class='indextable genindextable'><tr><td><ul><li><a href='a.html'>hose</a></li></ul></td>"
        "<td><ul><li><a href='b.html'>hum</a></li></ul></td></tr></table>"
    )
    assert lines(index) == ["# Index"]


def test_words_of_links_are_read_where_they_are_the_manuals() -> None:
    body = (
        "<p>Next: press <a href='keys.html'>Menu</a></p><dl><dt>Saved</dt><dd>Yes/No</dd></dl>"
        "<table><tr><td>[Up]</td><td>Volume up</td></tr><tr><td>[Top]</td><td>First channel</td></tr></table>"
        "<div><p>Contents of the box:</p><p>One pump</p></div>"
    )
    assert lines(body) == [
        "Next: press Menu",
        "- Saved: Yes/No",
        "[Up] | Volume up",
        "[Top] | First channel",
        "Contents of the box:",
        "One pump",
    ]


def test_many_labels_in_front_of_a_link_are_read_at_once() -> None:
    started = time.process_time()
    assert lines(f"<p>{'(dir) ' * 2_000}list of <a href='files.html'>files</a></p>")
    assert time.process_time() - started < 5


def test_many_links_in_one_paragraph_are_read_in_time() -> None:
    started = time.process_time()
    links = "".join(f"<a href='{at}.html'>part {at}</a> and " for at in range(20_000))
    assert lines(f"<p>{links} so on.</p>")[0].startswith("part 0 and part 1 and")
    assert time.process_time() - started < 5
