"""Contact sheets of the samples of a data set."""
