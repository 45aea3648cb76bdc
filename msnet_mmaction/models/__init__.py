"""Layers, backbones and recognisers; registered in mmaction2's ``MODELS``."""
