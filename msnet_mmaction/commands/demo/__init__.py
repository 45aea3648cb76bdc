"""The generated data and the real footage of the demo."""
