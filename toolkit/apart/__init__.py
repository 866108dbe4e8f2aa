"""Work on strangers' bytes, done in a process of its own that is bounded and dies with this one.

The readers are written to be safe by themselves; this is the second wall, for a
server that must not slow down or fall over whatever it is handed.
"""

from toolkit.apart.parent import ApartError
from toolkit.apart.work import read_network, read_picture, read_recipe

__all__ = ["ApartError", "read_network", "read_picture", "read_recipe"]
