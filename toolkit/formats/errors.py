"""The one error that reading or writing a network's file raises."""


class NetworkFileError(ValueError):
    """A file is no network that can be read: says what is wrong, where, and what to do."""
