"""What is raised when data can't be used."""


class DataError(ValueError):
    """A list or a video that can't be used; the message names it and says what to do."""
