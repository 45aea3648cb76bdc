"""Metrics; registered in mmaction2's ``METRICS``."""

from .accuracy import CheckedAccMetric

__all__ = ['CheckedAccMetric']
