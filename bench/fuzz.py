"""Fuzz the file readers, guided by coverage: an input gives an answer or an EmbgeoError, in bounded memory and time.

    pip install atheris
    python bench/fuzz.py                            every target for a minute
    python bench/fuzz.py gguf header --seconds 600  --corpus FOLDER

tests/fuzz_targets.py defines the targets and their seed files. Each target runs in a process of its own, which fails at
the first input that breaks a promise, takes longer than 10 seconds, or makes more than 1 GB resident; the input is
then saved in the corpus folder as crash-*, timeout-* or oom-*.
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
ONE_TARGET: Final = "--one-target"


def main() -> None:
    """Run the targets one after the other, and print how many inputs each tried."""
    import common  # imported here because it imports embgeo, which the fuzzing process must instrument first
    from fuzz_targets import TARGETS, seeds

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="time for each target (default: 60)")
    parser.add_argument("--corpus", help="folder for the inputs found, to continue from (default: a temporary one)")
    args = parser.parse_args()
    if unknown := set(args.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for name in args.targets or TARGETS:
            folder = Path(args.corpus or temporary) / name
            folder.mkdir(parents=True, exist_ok=True)
            for number, seed in enumerate(seeds(name)):
                (folder / f"seed-{number}").write_bytes(seed)
            rows.append((name, *run(name, folder, args.seconds)))
    common.show(f"{args.seconds} s each, by atheris", ("", "inputs", "blocks covered", "peak MB", "verdict"), rows)
    sys.exit(any(row[-1] != "nothing" for row in rows))


def run(name: str, folder: Path, seconds: int) -> tuple[str, str, str, str]:
    """Run one target in its own process; returns the inputs run, blocks covered, peak memory and verdict."""
    from fuzz_targets import PIECES

    limits = (*LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={folder}/")
    with tempfile.TemporaryDirectory() as home:
        pieces = Path(home, "pieces")
        pieces.write_text("".join('"' + "".join(f"\\x{byte:02X}" for byte in piece) + '"\n' for piece in PIECES))
        line = [sys.executable, __file__, ONE_TARGET, name, str(folder), *limits, f"-dict={pieces}"]
        environment = {**os.environ, "EMBGEO_HOME": home, "HF_HUB_OFFLINE": "1", "RUST_BACKTRACE": "0"}
        done = subprocess.run(line, capture_output=True, text=True, errors="replace", env=environment, check=False)
    output = done.stdout + done.stderr
    inputs, memory = (_last(rf"stat::{stat}: +(\d+)", output) for stat in ("number_of_executed_units", "peak_rss_mb"))
    verdict = "nothing" if done.returncode == 0 else next(iter(sorted(folder.glob("[cot]*-*"))), Path("failed")).name
    if verdict != "nothing":
        sys.stderr.write(output[-4000:])
    return f"{int(inputs or 0):,}", _last(r"cov: (\d+)", output), memory, verdict


def _last(pattern: str, text: str) -> str:
    return next(reversed(re.findall(pattern, text)), "")


def one_target(name: str, options: list[str]) -> None:
    """Fuzz one target in this process, with embgeo instrumented for coverage."""
    import atheris

    with atheris.instrument_imports(include=["embgeo", "pickle"]):
        import fuzz_targets
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        fuzz_targets.strict(name, fuzz_targets.seeds(name)[0], Path(folder))  # so that lazy imports aren't timed
        atheris.Setup([__file__, *options], lambda data: fuzz_targets.strict(name, data, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == [ONE_TARGET]:
        one_target(sys.argv[2], sys.argv[3:])
    else:
        main()
