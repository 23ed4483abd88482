"""The Python that makes what a view of a picture shows, from the public door alone. Knows nothing of pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from attnviz.share.view import View

SHARED_TOP = 16  # even shares to the strongest colour, as components/patch_view/overlay.js has it
AVERAGED = "attnviz.measures.average(record, {stack!r}, {heads})"


@dataclass(frozen=True)
class Shown:
    """What a view alone does not say of what it shows.

    Unit    positions: chosen on the axis that is asked about, None for every one; reach: keys that a row is spread
            over.
    """

    heads: Sequence[tuple[int, int, float]]
    positions: Sequence[int] | None
    reach: int
    on_patches: bool
    sample: bool
    finding: int | None = None  # the query of a detector that a lens is about


def python_of(view: View, shown: Shown) -> str:
    """Write the program whose `row` is what the view shows, and which draws it."""
    parts = [_opening(view, shown), *_row(view, shown), _ending(view, shown)]
    return "\n".join(parts)


def _opening(view: View, shown: Shown) -> str:
    """Imports, the picture, the model, and the record where one is read."""
    revision = f", revision={view.revision!r}" if "/" in view.model and view.revision else ""
    followed = view.lens in ("gradient", "relevance")
    needs = {
        "from pathlib import Path\n": not shown.sample,
        "import numpy as np\n": _is_picked(view, shown),
        "import attnviz": True,
        "from attnviz.capture import gradients": followed and shown.finding is None,
        "from attnviz.capture import gradients, object_of": followed and shown.finding is not None,
        "from attnviz.service.pictures import sample": shown.sample,
    }
    own = 'attnviz.read_picture(Path("picture.jpg").read_bytes())  # your own file'
    lines = [line for line, needed in needs.items() if needed]
    lines += ["", f"picture = {f'sample({view.image!r})' if shown.sample else own}"]
    lines += [f"model = attnviz.load({view.model!r}{revision})"]
    return "\n".join(lines + ([] if followed else ["record = attnviz.capture(model, picture)"]))


def _row(view: View, shown: Shown) -> list[str]:
    """The map, and the row of it that is drawn, or the column."""
    if view.lens != "raw":
        drawn = _lens(view, shown)
    elif len(shown.heads) == 1:
        drawn = f"record.map({view.stack!r}, {shown.heads[0][0]}, {shown.heads[0][1]})"
    elif not _is_picked(view, shown):
        drawn = AVERAGED.format(stack=view.stack, heads=[(layer, head, weight) for layer, head, weight in shown.heads])
    else:
        places = [(layer, head) for layer, head, _ in shown.heads]
        return [
            f"maps = [record.map({view.stack!r}, layer, head) for layer, head in {places}]",
            f"rows = [{_of('drawn.weights', view, shown)} for drawn in maps]",
            f"row = np.{view.fuse}(rows, axis=0)",
            "drawn = maps[0]",
        ]
    numbers = "scores" if _gives_scores(view) else "weights"
    return [f"drawn = {drawn}", f"row = {_of(f'drawn.{numbers}', view, shown)}"]


def _is_picked(view: View, shown: Shown) -> bool:
    """Whether several heads are joined place by place."""
    return view.lens == "raw" and len(shown.heads) > 1 and view.fuse != "mean"


def _lens(view: View, shown: Shown) -> str:
    published = "_as_published" if view.rule == "published" else ""
    discard = f", discard={view.discard / 100}" if view.discard else ""
    if view.lens == "rollout":
        return f"attnviz.measures.rollout{published}(record, {view.stack!r}, fuse={view.fuse!r}{discard})"
    target = view.target if shown.finding is None else f"object_of({shown.finding})"
    slopes = f"gradients(model, picture, {target})"
    if view.lens == "relevance" and view.stack == "cross":
        return f"attnviz.measures.cross_relevance({slopes})"
    if view.lens == "relevance":
        return f"attnviz.measures.relevance({slopes}, {view.stack!r})"
    return f"attnviz.measures.gradient_rollout{published}({slopes}, {view.stack!r}{discard})"


def _gives_scores(view: View) -> bool:
    """Whether the map of a lens holds numbers that are no shares of a row."""
    return view.lens == "relevance" or (view.lens in ("rollout", "gradient") and view.rule == "published")


def _of(table: str, view: View, shown: Shown) -> str:
    """The mean of some rows, or the sum of some columns."""
    if view.direction == "read":
        return f"{table}[:, {list(shown.positions or ())}].sum(axis=1)"
    if shown.positions is None:
        return f"{table}.mean(axis=0)"
    if len(shown.positions) == 1:
        return f"{table}[{shown.positions[0]}]"
    return f"{table}[{list(shown.positions)}].mean(axis=0)"


def _ending(view: View, shown: Shown) -> str:
    """The figure, or the numbers by name where what is read has no place in the picture."""
    axis = "drawn.queries" if view.direction == "read" else "drawn.keys"
    if not shown.on_patches:
        return f'\nfor name, weight in zip({axis}, row):\n    print(f"{{name}} {{weight:.4f}}")\n'
    more = [f"opacity={view.opacity / 100}"]
    if view.scale == "shared" and not _gives_scores(view):
        count = len(shown.positions) if view.direction == "read" and shown.positions else 1
        more.append(f"top=min(1, {SHARED_TOP * count} / {shown.reach})")
    more += [f"mass={view.mass / 100}"] if view.mass < 100 else []
    more += ["smooth=True"] if view.drawing == "smooth" else []
    return f"figure = attnviz.figures.patch_overlay(row, {axis}, picture, {', '.join(more)})\nfigure.show()\n"
