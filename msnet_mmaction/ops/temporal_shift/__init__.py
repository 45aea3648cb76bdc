"""The temporal shift of TSM."""
