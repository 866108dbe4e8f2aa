"""MNIST, from the network to the cache."""
