"""Class names, and checks of lists and flips against them."""
