"""Numbers as Markdown."""

from collections.abc import Iterable, Sequence


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay out a table; numbers are aligned to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def ratio(one: float, other: float) -> str:
    """Say how many times the other one is."""
    times = one / other if other else float("nan")
    return f"{times:.2f} x" if times < 10 else f"{times:,.0f} x"
