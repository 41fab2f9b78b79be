"""Benchmarks of models: analogies, rated word pairs, odd-one-out lines."""
