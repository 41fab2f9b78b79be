"""A map of a vocabulary as one page that needs no network."""
