"""From a model reference to a matrix and a tokenizer on disk."""
