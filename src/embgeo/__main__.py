"""`python -m embgeo`, and what the console script calls."""

import gc
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line."""
    gc.disable()  # nothing that is imported is ever garbage, and looking for it takes time
    try:
        from embgeo.cli.main import main as run

        gc.freeze()
        gc.enable()
        run()
    except KeyboardInterrupt:  # before or after a question, which have no end of their own for it
        if sys.stderr is not None:
            sys.stderr.write("embgeo: interrupted\n")
        os._exit(130)


if __name__ == "__main__":
    main()
