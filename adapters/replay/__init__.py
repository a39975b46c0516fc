"""Recordings and the files of a replay."""
