"""Training and testing in several processes."""
