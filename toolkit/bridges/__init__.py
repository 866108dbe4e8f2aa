"""Networks as other libraries' objects, and back: one module for each, loaded when it is asked for.

No library is imported here but by whoever brings its object, or asks for one of it.
"""
