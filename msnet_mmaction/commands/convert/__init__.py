"""Checkpoints of other layouts as ordinary ones of MMEngine."""
