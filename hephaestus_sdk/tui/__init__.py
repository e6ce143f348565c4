"""The terminal interface; needs the extra ``tui``."""
