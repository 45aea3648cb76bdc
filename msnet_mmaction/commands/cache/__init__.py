"""Writing the cache of frames."""
