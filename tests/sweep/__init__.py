"""Every model type that transformers lists, made tiny and held to its own eager attention."""
