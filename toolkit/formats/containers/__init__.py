"""Bytes to arrays, inert: archives, arrays, HDF5, pickles, JSON.

What a container holds is checked before memory is taken, and nothing in it is executed.  None
knows a framework, or what the arrays mean.
"""
