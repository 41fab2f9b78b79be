"""`python -m embgeo`, and what the console script calls."""

import sys
from typing import NoReturn

from embgeo.cli import startup


def main() -> NoReturn:
    """Run the command line."""
    try:
        with startup.uncollected_imports():
            from embgeo.cli.main import main as run
        run()
    except KeyboardInterrupt:  # before or after a question, where nothing else catches it
        if sys.stderr is not None:
            sys.stderr.write("embgeo: interrupted\n")
        startup.leave(130)


if __name__ == "__main__":
    main()
