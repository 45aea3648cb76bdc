"""Measurements of time and memory, with a description of the machine."""
