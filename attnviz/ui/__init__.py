"""The app's frame, pickers, panels and words. Light to import: torch comes behind a progress line."""
