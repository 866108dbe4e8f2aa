"""``python -m toolkit``: the same as the command ``toolkit``.

By Python's own rule, modules are then looked for in the current folder first, this package and its
libraries too.  In a folder that is a stranger's use the command, or ``python -P -m toolkit``.
"""

import sys

from toolkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
