"""How fast the toolkit is, beside its peers and beside what the machine could do at most.

Machines drift and are shared, so nothing here is compared across runs but ratios: each figure is
timed in turn with its peers, round by round, and the ratio is taken within each round.  Peers are
used where they are installed and named as absent where they are not.  ``toolkit bench`` in a
shell, ``make bench`` with what needs a browser and a checkout.
"""

from toolkit.benchmarks.clock import Spread, in_turn, spread_of, timed
from toolkit.benchmarks.history import History, Line
from toolkit.benchmarks.machine import Machine, this_machine
from toolkit.benchmarks.parts import PARTS
from toolkit.benchmarks.records import Beside, Figure, Job, Limit, Part, Result, Run
from toolkit.benchmarks.running import run_parts
from toolkit.benchmarks.setting import Setting, open_setting

__all__ = [
    "PARTS",
    "Beside",
    "Figure",
    "History",
    "Job",
    "Limit",
    "Line",
    "Machine",
    "Part",
    "Result",
    "Run",
    "Setting",
    "Spread",
    "in_turn",
    "open_setting",
    "run_parts",
    "spread_of",
    "this_machine",
    "timed",
]
