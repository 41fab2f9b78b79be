"""One file a command: its answers as a table for people."""
