"""The configs that came with the package."""
