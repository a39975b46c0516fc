"""Our records against the venue's: what differs, and what follows from it."""
