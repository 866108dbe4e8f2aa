"""Arrays to layers: a module for each way in which frameworks and people keep networks.

Each says what its files say and leaves open what they leave open; none knows digits.
"""
