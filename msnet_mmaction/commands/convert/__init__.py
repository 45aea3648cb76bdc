"""Conversion of checkpoints to MMEngine's layout."""
