"""Where training finds its data, keeps its checkpoints and puts what is shipped."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "scratch" / "training"  # checkpoints; left out of the repository
WEIGHTS = ROOT / "attnviz" / "models" / "weights"  # what is shipped, one folder a model
