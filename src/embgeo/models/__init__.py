"""A model's name in; a mapped matrix, vocabulary and manifest on this machine out; no question is answered here."""
