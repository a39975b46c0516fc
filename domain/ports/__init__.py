"""What the middle needs from the outside, and offers to it: one file per consumer."""
