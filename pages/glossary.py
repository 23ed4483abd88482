"""The words of the field, in both languages."""

from attnviz.ui import glossary
from attnviz.ui.frame import frame

with frame("glossary") as screen, screen.middle:
    glossary.show()
