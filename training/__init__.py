"""Trains the small models that come with attnviz. Never part of install, run or tests; `make train-NAME` starts one.

A model has a folder: course.toml says how long and how fast, `__main__.py` trains, measures and exports it.
"""
