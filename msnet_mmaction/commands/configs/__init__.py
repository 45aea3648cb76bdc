"""The configs of the package."""
