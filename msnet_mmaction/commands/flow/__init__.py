"""Optical flow of a whole data set."""
