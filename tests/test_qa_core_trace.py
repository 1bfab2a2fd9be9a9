"""Which span a trace shows as the answer, and why the others are not."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from fakes_bot import TEXT, answer, declined, hit

from qa_core.trace import Candidate, make_trace
from qa_core.types import Answer, Reading, Span
from qa_core.windows import Windower


def span(words: str, score: float) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), score)


def candidates(given: Answer, *spans: Span) -> tuple[Candidate, ...]:
    """Those of the passage that ranks first."""
    reading = Reading(given.hits[0], spans, null_score=-2.0)
    return make_trace(given, [reading], [], cast(Windower, None)).candidates


def test_the_answer_is_the_span_that_was_given_whatever_its_rank() -> None:
    given = replace(answer("200 cups"), span=span("200 cups", 5.0))

    assert candidates(given, span("every 200 cups", 9.5), given.span, span("machine", 1.0)) == (
        Candidate(0, "200 cups", 5.0, None),
        Candidate(0, "every 200 cups", 9.5, "the sentences around the answer say more"),
        Candidate(0, "machine", 1.0, "a better span in the same passage"),
    )


def test_an_answer_that_is_no_span_of_the_reader_s_is_shown_too() -> None:
    given = replace(answer("machine every"), span=span("machine every", 9.5))

    assert candidates(given, span("machine every 200 cups", 9.5)) == (
        Candidate(0, "machine every", 9.5, None),
        Candidate(0, "machine every 200 cups", 9.5, "a better span in the same passage"),
    )


def test_where_the_bot_declines_its_best_span_fell_short_of_the_threshold() -> None:
    given = replace(declined(), hits=(hit(TEXT),))

    assert candidates(given, span("every 200 cups", 9.5), span("200 cups", 5.0)) == (
        Candidate(0, "every 200 cups", 9.5, "confidence below the threshold"),
        Candidate(0, "200 cups", 5.0, "a better span in the same passage"),
    )


def test_the_spans_of_other_passages_say_why_theirs_is_not_the_first() -> None:
    tray = hit("Clean the tray.", "other.md")
    other = replace(tray, passage=replace(tray.passage, id="p9"))
    given, reading = answer(), Reading(other, (Span(0, 5, 4.0), Span(6, 14, -3.0)), null_score=-2.0)

    assert make_trace(given, [reading], [], cast(Windower, None)).candidates == (
        Candidate(0, "Clean", 4.0, "another passage ranks higher"),
        Candidate(0, "the tray", -3.0, "the null score of its passage is higher"),
    )
