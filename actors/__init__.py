"""The only code that imports pykka: actors wait, and ask the domain to decide."""
