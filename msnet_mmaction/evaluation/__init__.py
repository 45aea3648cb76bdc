"""Metrics; registered in mmaction2's ``METRICS``."""

from .metrics import CheckedAccMetric

__all__ = ['CheckedAccMetric']
