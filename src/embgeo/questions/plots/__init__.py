"""Answers that are figures: what a picture shows, and what it doesn't, as numbers."""
