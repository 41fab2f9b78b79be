"""Fuzz the readers of files, guided by coverage: an answer or an EmbgeoError comes out, in bounded memory and time.

    pip install atheris
    python bench/fuzz.py                            every target for a minute
    python bench/fuzz.py gguf header --seconds 600  --corpus FOLDER

The targets and the files that they start from stand in tests/fuzz_targets.py. Each runs in a process of its own, which
fails at the first input that breaks a promise, that takes longer than 10 seconds, or with which more than 1 GB is
resident; the input is then kept in the corpus folder as crash-*, timeout-* or oom-*.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

LIMITS: Final = ("-rss_limit_mb=1024", "-timeout=10", "-max_len=20000", "-print_final_stats=1")
SHELL: Final = "--one-target"


def main() -> None:
    """Run the targets one after the other, and show how many inputs each was given."""
    import common  # not above: it imports embgeo, of which the process that fuzzes must watch every line
    from fuzz_targets import TARGETS, seeds

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="for each target (default: 60)")
    parser.add_argument("--corpus", help="a folder for what is found on the way, to go on from (default: none is kept)")
    asked = parser.parse_args()
    if unknown := set(asked.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    rows = []
    with tempfile.TemporaryDirectory() as kept:
        for name in asked.targets or TARGETS:
            folder = Path(asked.corpus or kept) / name
            folder.mkdir(parents=True, exist_ok=True)
            for number, seed in enumerate(seeds(name)):
                (folder / f"seed-{number}").write_bytes(seed)
            rows.append((name, *run(name, folder, asked.seconds)))
    common.show(f"{asked.seconds} s each, by atheris", ("", "inputs", "blocks covered", "peak MB", "verdict"), rows)
    sys.exit(any(row[-1] != "nothing" for row in rows))


def run(name: str, folder: Path, seconds: int) -> tuple[str, str, str, str]:
    """One target in its own process: inputs run, blocks reached, memory, and what was found."""
    from fuzz_targets import PIECES

    limits = (*LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={folder}/")
    with tempfile.TemporaryDirectory() as home:
        pieces = Path(home, "pieces")
        pieces.write_text("".join('"' + "".join(f"\\x{byte:02X}" for byte in piece) + '"\n' for piece in PIECES))
        line = [sys.executable, __file__, SHELL, name, str(folder), *limits, f"-dict={pieces}"]
        environment = {**os.environ, "EMBGEO_HOME": home, "HF_HUB_OFFLINE": "1", "RUST_BACKTRACE": "0"}
        done = subprocess.run(line, capture_output=True, text=True, errors="replace", env=environment, check=False)
    said = done.stdout + done.stderr
    inputs, memory = (_last(rf"stat::{stat}: +(\d+)", said) for stat in ("number_of_executed_units", "peak_rss_mb"))
    verdict = "nothing" if done.returncode == 0 else next(iter(sorted(folder.glob("[cot]*-*"))), Path("failed")).name
    if verdict != "nothing":
        sys.stderr.write(said[-4000:])
    return f"{int(inputs or 0):,}", _last(r"cov: (\d+)", said), memory, verdict


def _last(pattern: str, text: str) -> str:
    return next(reversed(re.findall(pattern, text)), "")


def one_target(name: str, options: list[str]) -> None:
    """Hand the process over to the fuzzer, with embgeo's own code watched for coverage."""
    import atheris

    with atheris.instrument_imports(include=["embgeo", "pickle"]):
        import fuzz_targets
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        fuzz_targets.strict(name, fuzz_targets.seeds(name)[0], Path(folder))  # what is imported late isn't timed
        atheris.Setup([__file__, *options], lambda data: fuzz_targets.strict(name, data, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == [SHELL]:
        one_target(sys.argv[2], sys.argv[3:])
    else:
        main()
