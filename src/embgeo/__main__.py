"""`python -m embgeo`: the command line."""

from embgeo.cli.main import main

main()
