"""A local web page: a video in, classes, scores over time and the motion out."""
