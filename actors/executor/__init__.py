"""The actor that works one order, and its parts."""
