"""Transforms of a pipeline; registered in mmaction2's ``TRANSFORMS``."""
