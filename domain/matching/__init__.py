"""Which order gets which part of the book, and how much of it."""
