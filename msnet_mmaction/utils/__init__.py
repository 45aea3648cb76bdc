"""Atomic writes, a pool of processes, configs by name, files of videos."""
