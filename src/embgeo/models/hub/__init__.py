"""The Hugging Face Hub: a model pinned to a commit, and only its necessary bytes fetched."""
