"""One command line after another in one process; knows how lines are read, and nothing of what they ask."""
