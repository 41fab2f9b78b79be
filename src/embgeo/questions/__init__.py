"""A model and terms in, a frozen answer out: one file a command; nothing here knows how an answer is printed."""
