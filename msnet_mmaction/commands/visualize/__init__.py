"""Figures and films of the motion in videos."""
