"""The only code that touches the outside; each implements or drives one port."""
