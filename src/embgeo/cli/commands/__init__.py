"""One file a command: what it takes, and the method that answers it."""
