"""The first model that attended: recurrent states, additive scores, taught on the same dates as the transformer."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from training.dates.learner import CHARACTERS
from training.letters import BEGIN_ID, END_ID, PADDING_ID, SPECIAL

LONGEST = 12  # characters that it writes, the beginning and the end counted


@dataclass(frozen=True)
class Out:
    """What a pass gives, under the names that transformers' encoder-decoders use.

    Shape   logits (date, place, token); cross_attentions: one layer of (date, 1, place, character)
    """

    logits: Tensor
    cross_attentions: tuple[Tensor]


class Additive(nn.Module):
    """A bidirectional recurrent encoder, and a decoder that reads it with additive attention.

    Source  Bahdanau et al. 2014, arXiv:1409.0473, section 3 and appendix A; one linear layer writes in place of the
            maxout of A.2.2.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        width, hidden = settings["width"], settings["hidden"]
        tokens = len(SPECIAL) + len(CHARACTERS)
        self.read = nn.Embedding(tokens, width, PADDING_ID)
        self.written = nn.Embedding(tokens, width)
        self.encoder = nn.GRU(width, hidden, batch_first=True, bidirectional=True)
        self.begin = nn.Linear(hidden, hidden)
        self.of_query = nn.Linear(hidden, settings["scoring"], bias=False)
        self.of_key = nn.Linear(2 * hidden, settings["scoring"], bias=False)
        self.voice = nn.Linear(settings["scoring"], 1, bias=False)
        self.decoder = nn.GRUCell(width + 2 * hidden, hidden)
        self.write = nn.Linear(width + 3 * hidden, tokens)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, decoder_input_ids: Tensor, **_: Any) -> Out:
        """Write each character after those before it, as they should have been."""
        states, state = self.encoded(input_ids, attention_mask)
        steps = []
        for token in decoder_input_ids.T:
            state, logits, weights = self.step(token, state, states, attention_mask)
            steps.append((logits, weights))
        logits, weights = (torch.stack(each, dim=1) for each in zip(*steps, strict=True))
        return Out(logits, (weights[:, None],))

    def generate(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Write the likeliest character each time, until all have come to their end."""
        states, state = self.encoded(input_ids, attention_mask)
        tokens = [torch.full((len(input_ids),), BEGIN_ID)]
        while len(tokens) < LONGEST:
            state, logits, _ = self.step(tokens[-1], state, states, attention_mask)
            tokens.append(torch.where(tokens[-1] == END_ID, END_ID, logits.argmax(dim=-1)))
        return torch.stack(tokens, dim=1)

    def encoded(self, texts: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Read texts; the decoder begins with what was read backwards.

        Shape   states (date, character, 2 × hidden), state (date, hidden)
        """
        packed = pack_padded_sequence(self.read(texts), seen.sum(dim=1).cpu(), batch_first=True, enforce_sorted=False)
        run, last = self.encoder(packed)
        states, _ = pad_packed_sequence(run, batch_first=True, total_length=texts.shape[1])
        return states, torch.tanh(self.begin(last[1]))

    def step(self, token: Tensor, state: Tensor, states: Tensor, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Look with the state so far, take in what was found, and write.

        Shape   state (date, hidden), logits (date, token), weights (date, character)
        """
        scores = self.voice(torch.tanh(self.of_query(state)[:, None] + self.of_key(states)))[..., 0]
        weights = scores.masked_fill(seen == 0, -torch.inf).softmax(dim=-1)
        found = (weights[:, None] @ states)[:, 0]
        before = self.written(token)
        state = self.decoder(torch.cat([before, found], dim=-1), state)
        return state, self.write(torch.cat([state, found, before], dim=-1)), weights
