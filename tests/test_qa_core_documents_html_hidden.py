"""What a page's own style sheet hides is left out, unless a click, a script or a print shows it."""

from __future__ import annotations

import pytest

from qa_core.documents.html.document import read_html

LONG = "Descale the boiler once a month with the powder that was delivered together with the machine."


def lines(sheet: str, body: str, head: str = "") -> list[str]:
    page = f"<html><head><style>{sheet}</style>{head}</head><body><p>{LONG}</p>{body}</body></html>"
    return [str(block) for block in read_html(page).blocks][1:]


@pytest.mark.parametrize(
    "sheet",
    [
        ".draft{display:none}",
        "#d { visibility : hidden !important }",
        "p{color:red} .note, div.draft , h7 {color:red; display: none}",
        "ASIDE{display:none}",
        "@import url(a.css); /* .draft{display:block} */ .draft{display:none}",
        ".draft{display:block} .draft{display:none}",
        "div{display:block} .draft{display:none} div{display:flex}",
    ],
)
def test_what_a_simple_rule_hides_is_left_out(sheet: str) -> None:
    tag = "aside" if "ASIDE" in sheet else "div"
    assert lines(sheet, f'<{tag} class="draft x" id="d">Use vinegar.</{tag}><p>Rinse it.</p>') == [
        "Rinse it."
    ]


def test_hidden_words_inside_a_sentence_are_left_out() -> None:
    assert lines(".old{display:none}", 'Wait <span class="old">two</span> five minutes.') == [
        "Wait five minutes."
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        "@media print{.draft{display:none}}",
        "@media screen { @supports (display:grid) { .draft { display: none } } }",
        ".draft{display:none} @media print{.draft{display:block}}",
        ".draft{display:none} .draft.open{display:block}",
        ".draft{display:none} #box:checked + div{display:block}",
        ".draft{display:none} div#d{display:block}",
        ".js .draft{display:none}",
        ".draft{backface-visibility:hidden}",
        ".draft{display:none} .x{display:block}",
        ", {display:none}",
        ".draft{display:none",
        "}}{",
    ],
)
def test_what_is_hidden_at_times_only_is_read(sheet: str) -> None:
    assert lines(sheet, '<div class="draft x" id="d">Use vinegar.</div>') == ["Use vinegar."]


def test_what_a_script_or_a_link_opens_is_read() -> None:
    part = '<div class="draft" id="d">Use vinegar.</div>'
    script = "<script>document.querySelectorAll('.draft').forEach(open)</script>"

    assert lines(".draft{display:none}", part, script) == ["Use vinegar."]
    assert lines(".draft{display:none}", f"<p onclick=\"show('d')\">How?</p>{part}") == [
        "How?",
        "Use vinegar.",
    ]
    assert lines(".draft{display:none}", '<h3>How?</h3><div class="draft">Use vinegar.</div>')[-1] == (
        "Use vinegar."
    )


def test_a_style_of_the_element_and_one_for_other_media_decide() -> None:
    assert lines(".draft{display:none}", '<div class="draft" style="display:block">Use vinegar.</div>') == [
        "Use vinegar."
    ]
    printed = '<style media="print">.draft{display:none}</style>'
    assert lines("", '<div class="draft">Use vinegar.</div>', printed) == ["Use vinegar."]


def test_nothing_is_hidden_where_more_than_a_third_would_go() -> None:
    body = f'<div class="page">{LONG}</div><div class="draft">Use vinegar.</div>'

    assert lines(".page{display:none} .draft{display:none}", body) == [LONG, "Use vinegar."]
    assert lines("body{visibility:hidden}", "<p>Rinse it.</p>") == ["Rinse it."]
