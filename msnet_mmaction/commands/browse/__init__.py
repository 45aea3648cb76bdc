"""What a network sees of a data set."""
