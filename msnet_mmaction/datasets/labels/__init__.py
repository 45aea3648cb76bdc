"""Class names, and whether a list fits them."""
