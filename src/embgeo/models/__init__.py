"""A model's name in; a mapped matrix, vocabulary and manifest on this machine out. No question is answered here."""
