"""Hooks of a run, the checks that they make, and optimisers."""
