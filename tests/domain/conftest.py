"""Hypothesis draws the same examples every time, so that no run is like no other."""

from hypothesis import settings


settings.register_profile("same every time", derandomize=True, deadline=None)
settings.load_profile("same every time")
