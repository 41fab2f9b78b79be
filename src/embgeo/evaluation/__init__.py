"""How well a space does on benchmark files: analogies, rated word pairs, odd-one-out lines."""
