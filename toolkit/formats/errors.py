"""The one error that reading or writing a network's file raises, and the one warning."""


class NetworkFileError(ValueError):
    """A file is no network that can be read: says what is wrong, where, and what to do."""


class GuessWarning(UserWarning):
    """What a file leaves open was guessed, since neither it nor digits could decide."""
