"""The market as the venue states it: updates, the order book, keeping in step."""
