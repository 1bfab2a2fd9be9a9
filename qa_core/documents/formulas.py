"""Formulas on one line, as a person types them: `U/R`, `x^2`, `√(16)`."""

from __future__ import annotations

from collections.abc import Iterable


def joined(parts: Iterable[str], sign: str) -> str:
    """The parts of a fraction, a power or an index; one of several signs in parentheses: `(a+b)/c`."""
    return sign.join(
        f"({part})" if sign and len(part) > 1 and not part.isalnum() else part for part in parts if part
    )


def rooted(radicand: str) -> str:
    """What stands below a root."""
    return f"√({radicand})"
