"""From a picture's file, a photograph perhaps, to one digit in MNIST's form."""
