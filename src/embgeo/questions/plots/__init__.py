"""Answers for pictures: what a picture shows, and what it leaves out, as numbers."""
