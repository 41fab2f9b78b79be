"""One file a command: what it takes, and the method that answers it.

Typer reads the annotations, so these files don't defer them.
"""
