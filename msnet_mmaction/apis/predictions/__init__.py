"""Predictions: what a trained network says of videos."""
