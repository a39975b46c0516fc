"""Child orders at Binance: keys, signed requests, answers, and the user's events."""
