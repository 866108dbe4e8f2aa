"""HDF5 files, read as data: groups, arrays of floats and text attributes, and nothing beyond.

HDF5's own library trusts what it reads: of some nine thousand damaged files one made
it loop for ever and others allocate gigabytes, and it follows links out of the file.  Keras writes
a small and old part of the format, which this reads by itself: superblocks 0 and 1, version 1
object headers, symbol-table groups, contiguous, compact and chunked arrays (*HDF5 File Format
Specification*).  Every address and length is checked against the file, every step is counted, and
links that lead elsewhere, arrays kept in other files and objects in place of numbers are refused
by name.  Of the newer form (superblocks 2 and 3) it reads what small files have: links and
attributes that stand in an object's header, and chunks by themselves or in a short list.
"""

from __future__ import annotations

from toolkit.formats.containers.hdf5.tree import MAGIC, Tree

__all__ = ["MAGIC", "Tree"]
