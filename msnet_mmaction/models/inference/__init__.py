"""Modules of models that are optimised for inference."""
