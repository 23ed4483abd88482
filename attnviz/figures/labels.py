"""Labels made safe for where they are drawn; a token is whatever a visitor typed."""

# Plotly reads <b> and &amp; as markup, $...$ as LaTeX where MathJax is present, and a line break ends a label.
_PLOTLY = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "\n": "↵", "\r": "↵", "\t": "⇥"})

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def for_plotly(label: str) -> str:
    """Write a label so that Plotly shows its characters and nothing else."""
    return label.translate(_PLOTLY)


def for_csv(label: str) -> str:
    """Write a label so that a spreadsheet shows it and never computes it.

    Source  OWASP, CSV Injection: an apostrophe goes before the characters that begin a formula.
    """
    return f"'{label}" if label.startswith(_FORMULA) else label
