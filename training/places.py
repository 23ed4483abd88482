"""Where training finds its data, keeps its checkpoints and puts what is shipped."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "scratch" / "training"  # checkpoints; left out of the repository
WEIGHTS = ROOT / "attnviz" / "models" / "weights"  # what is shipped, one folder a model
DATA = Path(os.environ.get("ATTNVIZ_TRAINING_DATA", ROOT.parent / "shared" / "data"))  # what training reads of others
