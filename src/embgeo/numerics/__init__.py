"""Arrays in, arrays out: kernels, exact search, subspaces, transformations, significance; no words and no files."""
