"""The paper's experiments: what it publishes, what is measured here, side by side."""
