"""`manualbot ask`: one question, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.opening import Answerer

Product = Annotated[
    str | None, typer.Option("--product", metavar="NAME", help="Ask this product's manuals only.")
]


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In quotes.", show_default=False)],
    product: Product = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="Print how the answer came about.")] = False,
) -> None:
    """Answer a question with the manuals' own words, or say that they do not answer it."""
    if not question.strip():
        raise typer.BadParameter("is empty", param_hint="QUESTION")
    from bot.opening import open_engine

    engine = open_engine()
    question = question.encode(errors="replace").decode()  # bytes that are no UTF-8 come as surrogates
    if as_json:
        _print_json(engine, question, product, trace)
    else:
        _print(engine, question, product, trace)


def _print_json(engine: Answerer, question: str, product: str | None, with_trace: bool) -> None:
    from bot.render.answers import answer_json
    from bot.render.terminal import print_json
    from bot.render.trace import trace_json

    if with_trace:
        trace = engine.trace(question, product)
        print_json({**answer_json(trace.answer), "trace": trace_json(trace)})
    else:
        print_json(answer_json(engine.ask(question, product)))


def _print(engine: Answerer, question: str, product: str | None, with_trace: bool) -> None:
    from bot.render.answers import answer_text
    from bot.render.terminal import can_style, open_console, print_text
    from bot.render.trace import trace_text

    console = open_console()
    if with_trace:
        trace = engine.trace(question, product)
        console.print(trace_text(trace), soft_wrap=True)
        answer = trace.answer
    else:
        answer = engine.ask(question, product)
    print_text(console, answer_text(answer, styled=can_style(console)))
