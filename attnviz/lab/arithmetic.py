"""The arithmetic of a cell in one line, as it is written on a blackboard."""

from collections.abc import Sequence

import numpy as np

DIGITS = 4  # significant, of a number that is not whole
MOST_TERMS = 8  # of a sum; of a longer one, the first and last half of them are written


def spelled(number: float) -> str:
    """Write a number shortly, with a true minus sign; whole numbers whole.

    Source  Python's format "g" of 4 digits; numbers from 10,000 on and below 0.0001 as a power of ten.
    """
    if np.isneginf(number):
        return "−∞"
    whole = round(number)
    if number == whole and abs(whole) < 10**6:
        return str(whole).replace("-", "−")
    digits, _, power = f"{number:.{DIGITS}g}".replace("-", "−").partition("e")
    return (
        f"{digits}·10^{power.replace('+', '').lstrip('0') if power[0] == '+' else _negative(power)}"
        if power
        else digits
    )


def _negative(power: str) -> str:
    return "−" + power.lstrip("−0")


def product(row: Sequence[float], column: Sequence[float]) -> str:
    """Write one cell of a matrix product: "1·4 + 2·5 + 3·6 = 32".

    Shape   row and column: as many numbers.
    """
    terms = [f"{spelled(left)}·{_within(right)}" for left, right in zip(row, column, strict=True)]
    if len(terms) > MOST_TERMS:
        terms = [*terms[: MOST_TERMS // 2], "…", *terms[-MOST_TERMS // 2 :]]
    return f"{' + '.join(terms)} = {spelled(float(np.dot(row, column)))}"


def quotient(number: float, divisor: float, name: str = "") -> str:
    """Write a division: "32 / √3 = 18.48" where √3 is what the divisor is called."""
    return f"{spelled(number)} / {name or spelled(divisor)} = {spelled(number / divisor)}"


def share(scores: Sequence[float], at: int) -> str:
    """Write a cell of a softmax: "e^1 / (e^1 + e^2) = 0.2689"; keys that may not be read are left out.

    Shape   scores (key,), -inf where nothing may be read.
    """
    if np.isneginf(scores[at]):
        return "0"
    seen = [f"e^{_power(score)}" for score in scores if not np.isneginf(score)]
    if len(seen) > MOST_TERMS:
        seen = [*seen[: MOST_TERMS // 2], "…", *seen[-MOST_TERMS // 2 :]]
    raised = np.exp(np.asarray(scores) - np.max(scores))
    return f"e^{_power(scores[at])} / ({' + '.join(seen)}) = {spelled(float(raised[at] / raised.sum()))}"


def _within(number: float) -> str:
    """A factor behind a sign: negative ones in brackets."""
    return f"({spelled(number)})" if number < 0 else spelled(number)


def _power(number: float) -> str:
    said = spelled(number)
    return f"({said})" if "·" in said else said
