"""Arrays to layers: a module for each way in which frameworks and people keep networks.

Each says what its files say and leaves open what they leave open; none knows digits.

What reads, in most a ``read``, takes a file's bytes, or the archive or arrays that they were found
to be, what to call the file in an error, and the limits of what it may ask for.  It gives a
:class:`~toolkit.formats.meaning.reading.Reading`, or raises
:class:`~toolkit.formats.errors.NetworkFileError` where the file is damaged, asks for too much or
is no fully connected network; what else a module refuses stands with it.
"""
