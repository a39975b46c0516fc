"""Compares our records with the venue's, every minute."""
