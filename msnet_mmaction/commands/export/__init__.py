"""Trained recognisers as files that run without this package."""
