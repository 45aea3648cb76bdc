"""Matching of the features of adjacent frames: the definition and its fast backends."""
