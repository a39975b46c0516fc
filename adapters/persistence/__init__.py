"""Orders, child orders, fills and their history on disk."""
