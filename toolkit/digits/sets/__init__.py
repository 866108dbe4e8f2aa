"""Digit sets in files: IDX, NumPy's archives, folders of pictures by class."""
