"""Export of trained recognisers to files that run without this package."""
