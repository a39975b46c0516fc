"""Holds our records against the venue's, minute by minute."""
