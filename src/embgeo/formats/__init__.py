"""Bytes in, arrays and words out, and back: one file a format; nothing here knows what a model is."""
