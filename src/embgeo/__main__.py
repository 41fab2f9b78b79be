"""`python -m embgeo`, and what the console script calls."""

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line."""
    try:
        from embgeo.cli.startup import uncollected_imports

        with uncollected_imports():
            from embgeo.cli.main import main as run
        run()
    except KeyboardInterrupt:  # before or after a question, where nothing else catches it
        if sys.stderr is not None:
            sys.stderr.write("embgeo: interrupted\n")
        os._exit(130)


if __name__ == "__main__":
    main()
