"""Token ids in, hidden states out: a transformer's forward pass in NumPy; it knows no word and no model's name."""
