"""Two ways to read tokens one after another; each state may then be a key. Before attention, the last one was all."""

import numpy as np

from attnviz.lab.tables import check_added, check_takes

REACH = 1  # tokens to either side that a convolution of three reads


def recurrent(tokens: np.ndarray, of_token: np.ndarray, of_state: np.ndarray) -> np.ndarray:
    """Read token by token and remember: h_t = tanh(W_x x_t + W_h h_{t-1}), nothing being remembered at first.

    Shape   tokens (position, width), of_token W_x (state, width), of_state W_h (state, state); result (position,
            state).
    Raises  InputError  when a matrix does not take vectors of that width.
    Source  Elman 1990, "Finding structure in time", as torch.nn.RNN computes it, without biases.
    """
    check_takes("W_x", of_token.shape[1], "X", tokens.shape[1])
    check_added("W_x x", len(of_token), "W_h h", len(of_state))
    check_takes("W_h", of_state.shape[1], "h", len(of_state))
    state, states = np.zeros(len(of_token)), []
    for token in tokens:
        state = np.tanh(of_token @ token + of_state @ state)
        states.append(state)
    return np.array(states)


def convolution(tokens: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Read each token with its two neighbours: h_t = tanh(C [x_{t-1}, x_t, x_{t+1}]), zeros standing past the ends.

    Shape   tokens (position, width), kernel C (state, 3 · width), the three neighbours side by side; result
            (position, state).
    Raises  InputError  when the kernel does not take three such vectors.
    Source  Gehring et al. 2017, arXiv:1611.02344, with tanh in place of stacked layers.
    """
    check_takes("C", kernel.shape[1], "[x, x, x]", (2 * REACH + 1) * tokens.shape[1])
    return np.tanh(neighbours(tokens) @ kernel.T)


def neighbours(tokens: np.ndarray) -> np.ndarray:
    """Put each token between the one before and the one after it.

    Shape   tokens (position, width); result (position, 3 · width).
    """
    edge = np.zeros((REACH, tokens.shape[1]))
    padded = np.vstack([edge, tokens, edge])
    return np.hstack([padded[start : start + len(tokens)] for start in range(2 * REACH + 1)])
