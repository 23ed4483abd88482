"""The view and its link."""
