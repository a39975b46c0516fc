"""An order and its children: what they are, how they live, what is kept of them."""
