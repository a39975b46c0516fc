"""The only ones who talk to a venue about orders."""
