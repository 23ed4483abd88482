"""The first model that attended, in plain arithmetic: recurrent states read and write, and scores are additive."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attnviz.errors import InputError
from attnviz.lab.scoring import additive
from attnviz.lab.steps import softmax

MOST_CHARACTERS = 40  # of a text; training saw none as long
LONGEST = 11  # characters that it writes: a date and an end


@dataclass(frozen=True, eq=False)
class Aligned:
    """A text that was written out of another, and where each character was looked for.

    Shape   read (character,) and written (place,), each with an end that is empty; states (character, 2 × hidden);
            queries (place, hidden); scores and weights (place, character)
    Unit    weights: fraction of a row, each row sums to 1
    """

    read: tuple[str, ...]
    written: tuple[str, ...]
    states: np.ndarray
    queries: np.ndarray
    scores: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Aligner:
    """A bidirectional recurrent encoder, and a decoder that reads its states with additive attention.

    `tables` are the trained numbers by their names in PyTorch's modules; token `first` + i is the i-th of `characters`.

    Source  Bahdanau et al. 2014, arXiv:1409.0473, section 3 and appendix A; one linear layer writes in place of the
            maxout of A.2.2. Recurrent units as `torch.nn.GRU` has them.
    """

    tables: Mapping[str, np.ndarray]
    characters: str
    first: int
    begin: int
    end: int

    def align(self, text: str) -> Aligned:
        """Write a text anew, the likeliest character each time.

        Raises  InputError  when the text is empty or too long, or holds a character that training never showed.
        """
        states, state = self._encoded([*self._tokens(text), self.end])
        token = self.begin
        written: list[str] = []
        queries: list[np.ndarray] = []
        scores: list[np.ndarray] = []
        while token != self.end and len(written) < LONGEST:
            queries.append(state)
            scores.append(self._scored(state, states))
            found = softmax(scores[-1]) @ states
            before = self.tables["written.weight"][token]
            state = self._turned("decoder.{}", np.concatenate([before, found]), state)
            token = int(self._linear("write", np.concatenate([state, found, before])).argmax())
            written.append(self._character(token))
        return Aligned(
            (*text, ""), tuple(written), states, np.array(queries), np.array(scores), softmax(np.array(scores))
        )

    def _tokens(self, text: str) -> list[int]:
        if not 0 < len(text) <= MOST_CHARACTERS:
            raise InputError(
                "The text has {count:,} characters; write 1 to {most}.", count=len(text), most=MOST_CHARACTERS
            )
        if unknown := sorted(set(text) - set(self.characters)):
            raise InputError(
                "The model of dates was never shown {unknown!r}. Write letters, digits, spaces and , . / -.",
                unknown=unknown[0],
            )
        return [self.first + self.characters.index(each) for each in text]

    def _character(self, token: int) -> str:
        return self.characters[token - self.first] if token >= self.first else ""

    def _encoded(self, tokens: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Read forwards and backwards; the decoder begins with what was read backwards."""
        read = self.tables["read.weight"][tokens]
        forwards = self._run("encoder.{}_l0", read)
        backwards = self._run("encoder.{}_l0_reverse", read[::-1])[::-1]
        return np.concatenate([forwards, backwards], axis=1), np.tanh(self._linear("begin", backwards[0]))

    def _run(self, names: str, inputs: np.ndarray) -> np.ndarray:
        state, states = np.zeros(self.tables["begin.weight"].shape[0]), []
        for each in inputs:
            state = self._turned(names, each, state)
            states.append(state)
        return np.array(states)

    def _turned(self, names: str, given: np.ndarray, state: np.ndarray) -> np.ndarray:
        """One step of a gated recurrent unit."""
        of_given, of_state = (
            self.tables[names.format(f"weight_{side}")] @ what + self.tables[names.format(f"bias_{side}")]
            for side, what in (("ih", given), ("hh", state))
        )
        (reset, keep, new), (reset_too, keep_too, old) = np.split(of_given, 3), np.split(of_state, 3)
        kept = _sigmoid(keep + keep_too)
        return (1 - kept) * np.tanh(new + _sigmoid(reset + reset_too) * old) + kept * state

    def _scored(self, state: np.ndarray, states: np.ndarray) -> np.ndarray:
        of_query, of_key, voice = (self.tables[f"{name}.weight"] for name in ("of_query", "of_key", "voice"))
        return additive(state[None], states, of_query, of_key, voice[0])[0]

    def _linear(self, name: str, given: np.ndarray) -> np.ndarray:
        return self.tables[f"{name}.weight"] @ given + self.tables[f"{name}.bias"]


def _sigmoid(numbers: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-numbers))
