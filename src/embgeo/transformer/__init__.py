"""Token ids in, hidden states out: a transformer's forward pass in NumPy, without any words or model names."""
