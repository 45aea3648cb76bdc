"""Predictions of videos as tables, csv files, JSON lines and arrays."""
