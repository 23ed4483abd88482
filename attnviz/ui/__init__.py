"""The app's frame, pickers, panels, and its words in each language. Light to import: torch comes behind a progress line."""
