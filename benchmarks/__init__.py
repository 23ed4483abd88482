"""What attnviz costs beside a plain forward pass, beside eager attention, and beside bertviz, in one run, as ratios."""
