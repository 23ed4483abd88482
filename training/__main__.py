"""`python -m training NAME`: train a model, export it, measure what was exported; a second word does one of these."""

import argparse

from training import additive, captions, dates, digits, pairs, repeats, scenes, stories, translator

MODELS = {
    "scenes": scenes,
    "captions": captions,
    "pairs": pairs,
    "repeats": repeats,
    "dates": dates,
    "additive": additive,
    "stories": stories,
    "digits": digits,
    "translator": translator,
}
PARTS = ("train", "export", "measure")


def main() -> None:
    """Do what was asked for, all three parts by default."""
    asked = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    asked.add_argument("model", choices=MODELS)
    asked.add_argument("part", nargs="?", choices=PARTS)
    told = asked.parse_args()
    for part in [told.part] if told.part else PARTS:
        getattr(MODELS[told.model], part)()


main()
