"""`make sweep`: try every type of model and write docs/architectures.md."""

from tests.sweep.sweep import main

main()
