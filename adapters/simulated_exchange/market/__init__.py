"""The market that is traded on: seeded or recorded, and its books."""
