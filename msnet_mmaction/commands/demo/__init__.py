"""The demo: generated videos, real footage, training and pictures."""
