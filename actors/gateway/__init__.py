"""The only actors that talk to a venue about orders."""
