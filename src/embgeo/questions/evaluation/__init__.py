"""Benchmark files asked of models: analogies, rated word pairs, odd-one-out lines."""
