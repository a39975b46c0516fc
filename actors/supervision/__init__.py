"""Which actor starts which others, and restarts them."""
