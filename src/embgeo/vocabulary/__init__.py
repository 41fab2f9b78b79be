"""What a person types in, rows of the vocabulary out, and back; no vector is looked at."""
