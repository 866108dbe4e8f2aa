"""A network looked into from all sides, as one record: numbers, tables, and a page to send.

Examples
--------
>>> import toolkit
>>> from toolkit.report import analyse
>>> digits = toolkit.open_digits("drawn").subset(slice(200))
>>> report = analyse(toolkit.open_network("mnist-sigmoid"), digits, others=())
>>> report.network["accuracy"] > 0.9, len(report.neurons)
(True, 42)
"""

from toolkit.report.making import analyse
from toolkit.report.pair import PairReport, compare
from toolkit.report.record import Report

__all__ = ["PairReport", "Report", "analyse", "compare"]
