"""Predictions of classes of videos."""
