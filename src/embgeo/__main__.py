"""`python -m embgeo`, and what the console script calls."""

import gc
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line."""
    gc.disable()  # nothing that is imported is ever garbage, and looking for it takes time
    from embgeo.cli.main import main as run

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
