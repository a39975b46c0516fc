"""The numbers that monitoring reads: what there is, and how it is counted."""
