"""Attention pooling: one importance for each element, and their weighted sum."""

from dataclasses import dataclass

import numpy as np

from attnviz.errors import InputError
from attnviz.lab.steps import softmax
from attnviz.lab.tables import check_added, check_takes


@dataclass(frozen=True, eq=False)
class Pooled:
    """Elements, what each weighs, and what they come to.

    Shape   weights (element,), parts (element, …), each element times its weight; whole (…), the sum of the parts.
    Unit    weights: fraction of the whole; they sum to 1.
    """

    weights: np.ndarray
    parts: np.ndarray
    whole: np.ndarray


def importances(elements: np.ndarray, of_element: np.ndarray, bias: np.ndarray, voice: np.ndarray) -> np.ndarray:
    """Score each element by itself: vᵀ tanh(W x + b).

    Shape   elements (element, width), of_element W (hidden, width), bias b (hidden,), voice v (hidden,); result
            (element,).
    Raises  InputError  when W, b or v does not fit the elements.
    Source  Yang et al. 2016, "Hierarchical Attention Networks", eq. 5 and 6.
    """
    check_takes("W_p", of_element.shape[1], "V", elements.shape[1])
    check_added("W_p x", len(of_element), "b_p", len(bias))
    check_takes("u_p", len(voice), "W_p x + b_p", len(of_element))
    return np.tanh(elements @ of_element.T + bias) @ voice


def pooled(elements: np.ndarray, scores: np.ndarray) -> Pooled:
    """Weigh elements by the softmax of their scores and add them up: A = Σ wᵢ xᵢ.

    Shape   elements (element, …): vectors, or regions of a picture; scores (element,).
    Raises  InputError  when there are not as many scores as elements.
    Source  Yang et al. 2016, "Hierarchical Attention Networks", eq. 6 and 7.
    """
    if scores.shape != (len(elements),):
        raise InputError(
            "There are {scores} scores for {elements} elements. Give each element one.",
            scores=scores.size,
            elements=len(elements),
        )
    weights = softmax(np.asarray(scores, np.float64))
    parts = np.asarray(elements, np.float64) * weights.reshape(-1, *([1] * (np.ndim(elements) - 1)))
    return Pooled(weights, parts, parts.sum(axis=0))
