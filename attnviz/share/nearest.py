"""A view moved to what a record really holds. Knows numbers of layers, heads and tokens, not records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from attnviz.share.notes import Note, Opened
from attnviz.share.view import HeadWeight, View


def nearest(view: View, stacks: Mapping[str, Sequence[int]], tokens: int) -> Opened:
    """Move a view to the nearest one that a record holds, with a note for each field that moved.

    Shape   stacks: name -> heads of each layer, in order; at least one stack, each with at least one layer.
    """
    notes: list[Note] = []
    stack = view.stack
    if stack not in stacks:
        stack = next(iter(stacks))
        notes.append(Note.about("choice", "stack", view.stack, stacks))
    heads = stacks[stack]
    layer = _within("layer", view.layer, len(heads), notes)
    head = _within("head", view.head, heads[layer], notes)
    query = None if view.query is None else _within("query", view.query, tokens, notes)
    corner = None if view.corner is None or query is None else _within("corner", view.corner, tokens, notes)
    mix = tuple(one for one in view.mix if _held(one, heads))
    if mix != view.mix:
        missing = next(one for one in view.mix if not _held(one, heads))
        notes.append(Note.about("number", "mix", f"{missing.layer}.{missing.head}", (0, len(heads) - 1)))
    average = "none" if view.average == "mix" and not mix else view.average
    moved = replace(view, stack=stack, layer=layer, head=head, query=query, corner=corner, mix=mix, average=average)
    return Opened(moved, tuple(notes))


def _within(name: str, number: int, count: int, notes: list[Note]) -> int:
    if number < count:
        return number
    notes.append(Note.about("number", name, str(number), (0, count - 1)))
    return count - 1


def _held(one: HeadWeight, heads: Sequence[int]) -> bool:
    return one.layer < len(heads) and one.head < heads[one.layer]
