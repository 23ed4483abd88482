"""Custom views in the browser: one folder each, a Python door beside its `view.js` and `view.css`."""
