"""The Hugging Face Hub: a model pinned to a commit, and only the bytes that are needed of it."""
