"""A model and terms in, a frozen answer out; one file per command. Nothing here knows how answers are printed."""
