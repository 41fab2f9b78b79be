"""Build the documentation site from the repository's pages; a broken link or an unlisted page is an error.

python tools/build_site.py FOLDER    writes the site to FOLDER; needs mkdocs-material (extra `docs`)
"""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    "*.md",
    "LICENSE",
    "NOTICE",
    "CITATION.cff",
    "docs/**/*",
    "tests/data/pictures/*.svg",
    "bench/*.md",
    "bench/*.py",
    "examples/*",
)


def main(arguments: list[str]) -> int:
    """Build the site; 1 if there was a warning."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with tempfile.TemporaryDirectory() as stage:
        copy_pages(Path(stage))
        config = load_config(
            str(ROOT / "mkdocs.yml"), docs_dir=stage, site_dir=str(Path(arguments[0]).resolve()), strict=True
        )
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build(config)
        except Abort as problem:
            sys.stderr.write(f"{problem}\n")
            return 1
    return 0


def copy_pages(stage: Path) -> None:
    """Copy the pages with the repository's layout, so that links work in both."""
    for pattern in PAGES:
        for path in ROOT.glob(pattern):
            if path.is_file():
                copy = stage / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
