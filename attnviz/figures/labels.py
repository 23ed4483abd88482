"""Labels made safe for where they are drawn; a token is whatever a visitor typed."""

# Plotly reads <b> and &amp; as markup, $...$ as LaTeX where MathJax is present, and a line break ends a label.
_PLOTLY = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "\n": "↵", "\r": "↵", "\t": "⇥"})


def for_plotly(label: str) -> str:
    """Write a label so that Plotly shows its characters and nothing else."""
    return label.translate(_PLOTLY)
