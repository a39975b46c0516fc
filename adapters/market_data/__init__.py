"""What a feed needs whichever venue it reads: ways to the recipients, and handovers."""
