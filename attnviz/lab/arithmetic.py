"""The arithmetic of a cell in one line, as it is written on a blackboard."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

DIGITS = 4  # significant, of a number that is not whole
MOST_TERMS = 8  # of a sum; of a longer one, the first and last half of them are written


def spelled(number: float) -> str:
    """Write a number shortly, with a true minus sign; whole numbers whole.

    Source  Python's format "g" of 4 digits; numbers from 10,000 on and below 0.0001 as a power of ten.
    """
    if number == -math.inf:
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
    terms = added(list(zip(row, column, strict=True)), lambda pair: f"{spelled(pair[0])}·{_within(pair[1])}")
    return f"{terms} = {spelled(float(np.dot(row, column)))}"


def added(terms: Sequence[T], say: Callable[[T], str]) -> str:
    """Write a sum, of a long one its first and last terms."""
    if len(terms) <= MOST_TERMS:
        return " + ".join(map(say, terms))
    half = MOST_TERMS // 2
    return " + ".join([*map(say, terms[:half]), "…", *map(say, terms[-half:])])


def voiced(voice: Sequence[float], left: Sequence[float], right: Sequence[float]) -> str:
    """Write what a hidden layer says of a pair: "1·tanh(0.5 + 2) + 3·tanh(1 + (−1)) = 0.9866".

    Shape   voice, left and right: as many numbers.
    """
    terms = [
        f"{spelled(weight)}·tanh({spelled(one)} + {_within(other)})"
        for weight, one, other in zip(voice, left, right, strict=True)
    ]
    whole = float(np.dot(voice, np.tanh(np.add(left, right))))
    return f"{' + '.join(terms)} = {spelled(whole)}"


def squashed(row: Sequence[float], column: Sequence[float]) -> str:
    """Write a number of a hidden layer: "tanh(1·0.5 + 2·0 = 0.5) = 0.4621".

    Shape   row and column: as many numbers.
    """
    return f"tanh({product(row, column)}) = {spelled(float(np.tanh(np.dot(row, column))))}"


def quotient(number: float, divisor: float, name: str = "") -> str:
    """Write a division: "32 / √3 = 18.48" where √3 is what the divisor is called."""
    return f"{spelled(number)} / {name or spelled(divisor)} = {spelled(number / divisor)}"


def share(scores: Sequence[float], at: int) -> str:
    """Write a cell of a softmax: "e^1 / (e^1 + e^2) = 0.2689"; keys that may not be read are left out.

    Shape   scores (key,), -inf where nothing may be read.
    """
    if scores[at] == -math.inf:
        return "0"
    seen = [score for score in scores if score != -math.inf]
    raised = np.exp(np.asarray(scores) - np.max(scores))
    below = added(seen, lambda score: f"e^{_power(score)}")
    return f"e^{_power(scores[at])} / ({below}) = {spelled(float(raised[at] / raised.sum()))}"


def _within(number: float) -> str:
    """A factor behind a sign: negative ones in brackets."""
    return f"({spelled(number)})" if number < 0 else spelled(number)


def _power(number: float) -> str:
    said = spelled(number)
    return f"({said})" if "·" in said else said
