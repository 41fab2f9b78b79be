"""Bytes in, arrays and words out, and back; one file per format. Nothing here knows what a model is."""
