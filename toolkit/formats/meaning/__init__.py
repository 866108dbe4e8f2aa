"""What a file's arrays mean: which are layers, in what order, and what the file leaves open."""
