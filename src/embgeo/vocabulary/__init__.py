"""What a person types in, rows of the vocabulary out, and back. No vector is read here."""
