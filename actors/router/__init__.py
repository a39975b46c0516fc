"""One symbol's book, and which order gets what of it."""
