"""How much of an order may be done by now, and at which limit."""
