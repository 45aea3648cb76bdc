"""Measurements of the package: how long, how much memory, on which machine."""
