"""Heavy work, done in a process of its own that is bounded and dies with this one.

The readers of strangers' bytes are written to be safe by themselves; this is the second wall, for a
server that must not slow down or fall over whatever it is handed.  Figures are drawn apart for the
memory that it takes.
"""

from toolkit.apart.parent import ApartError, Leash
from toolkit.apart.work import draw_atlas, read_network, read_picture, read_recipe

__all__ = ["ApartError", "Leash", "draw_atlas", "read_network", "read_picture", "read_recipe"]
