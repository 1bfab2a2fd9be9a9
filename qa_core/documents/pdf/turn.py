"""Text of a PDF page that is turned: tables set sideways, and words that run up or down beside the text."""

from __future__ import annotations

from math import pi

Box = tuple[float, float, float, float]  # left, bottom, right, top
_ASKEW = 0.1  # of a quarter


def quarters(angle: float) -> int | None:
    """How many quarters a letter is turned clockwise, by its angle in radians; None if it lies askew."""
    turned = angle / (pi / 2)
    return round(turned) % 4 if abs(turned - round(turned)) < _ASKEW else None


def upright(box: Box, turned: int, right: float, top: float) -> Box:
    """Where a box of a page with these edges stands once its text runs from left to right."""
    x0, y0, x1, y1 = box
    if turned == 1:
        return top - y1, x0, top - y0, x1
    if turned == 2:
        return right - x1, top - y1, right - x0, top - y0
    if turned == 3:
        return y0, right - x1, y1, right - x0
    return box


def turned_again(box: Box, turned: int, right: float, top: float) -> Box:
    """Where a box that was made upright stands on its page."""
    edges = (top, right) if turned % 2 else (right, top)
    return upright(box, -turned % 4, *edges)
