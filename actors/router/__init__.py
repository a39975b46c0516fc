"""One symbol's book, and who gets what of it."""
