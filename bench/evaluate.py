"""Time whole benchmark files and many queries, compared with Gensim and with the bare matrix products.

    python bench/evaluate.py --questions questions-words.txt --minilm FOLDER [--runs N] [--lines N]

questions-words.txt is Google's analogy set (https://github.com/tmikolov/word2vec), FOLDER holds the published files of
all-MiniLM-L6-v2 in float32. Measured on that model and on a GPT-2-shaped random matrix whose vocabulary contains the
file's words. Analogies are timed inside a process, in turns; queries from standard input as whole processes.
"""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from gensim.models import KeyedVectors
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

import common
import embgeo
from embgeo.formats.benchmarks import read_analogies
from embgeo.formats.token_marks import WORD
from embgeo.numerics.batch_search import QUESTION_BATCH
from embgeo.numerics.dtypes import to_float32
from embgeo.numerics.units import MAX_BLOCK_ROWS
from embgeo.questions.evaluation.analogies import evaluate_analogies
from warm import program, save_gensim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from embgeo.models.model import Model

EMBGEO, GENSIM, ALL, DISTINCT = "embgeo", "Gensim", "products, all", "products, distinct"


def main() -> None:
    """Measure both models."""
    parser = common.options(__doc__ or "", runs=3)
    parser.add_argument("--questions", type=Path, required=True, help="questions-words.txt")
    parser.add_argument("--minilm", type=Path, help="folder of all-MiniLM-L6-v2 (default: only the random matrix)")
    parser.add_argument("--only-minilm", action="store_true", help="skip the random matrix")
    parser.add_argument("--lines", type=int, default=10_000, help="neighbor questions (default: 10000)")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.minilm:
        measure("all-MiniLM-L6-v2", str(args.minilm), args.questions, args.runs, args.lines)
    if args.only_minilm:
        return
    with common.chosen_model(None) as model:
        make_tokenizer(args.questions).save(str(Path(model) / "tokenizer.json"))
        measure("random, GPT-2-shaped", model, args.questions, args.runs, args.lines)


def measure(name: str, model: str, questions: Path, runs: int, lines: int) -> None:
    """Time the analogies and the lines on one model, and measure the memory of both programs."""
    space = embgeo.load(model)
    rows, dims = space.weights.shape
    shape = f"{name}: {rows:,} x {dims} {space.manifest.dtype}"
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        vectors = Path(folder) / "vectors.kv"
        save_gensim(space, vectors)
        times = common.time_calls(analogies(space, vectors, questions), runs, 0)
        title = f"{shape}, {questions.name}, {runs} runs in turns"
        head = ("", "ms", f"by {ALL}", f"{GENSIM} by this")
        table = [
            (
                label,
                common.milliseconds(times, label),
                common.ratio(times, label, ALL),
                common.ratio(times, GENSIM, label),
            )
            for label in times
        ]
        common.show(title, head, table)
        own = [*program(), "eval", "analogies", str(questions), "--reference", "gensim", "--json", "-m", model]
        other = common.script("gensim_evaluate.py", vectors, questions)
        show_memory({EMBGEO: own, GENSIM: other})
        time_lines(shape, space, model, vectors, (runs, lines))


def analogies(space: Model, vectors: Path, questions: Path) -> dict[str, Callable[[], object]]:
    """Return what is timed: embgeo, Gensim, and the bare products of all questions and of their distinct vectors."""
    keyed = KeyedVectors.load(str(vectors), mmap="r")

    def own() -> object:
        return evaluate_analogies(space, read_analogies(questions), reference="gensim")

    scores, misses = evaluate_analogies(space, read_analogies(questions), reference="gensim")
    common.say(f"\n{scores.total.right:,} right of {scores.total.asked:,} asked, {len(misses):,} misses")
    own_products, distinct = scores.total.asked, distinct_vectors(space, questions)
    return {
        EMBGEO: own,
        GENSIM: lambda: keyed.evaluate_word_analogies(str(questions)),
        ALL: products(space, own_products),
        DISTINCT: products(space, distinct),
    }


def products(space: Model, questions: int) -> Callable[[], None]:
    """Return a function that multiplies this many float32 vectors with every row, in embgeo's block sizes."""
    rows = to_float32(np.asarray(space.weights.rows), space.manifest.dtype)
    vectors = np.random.default_rng(0).standard_normal((min(questions, QUESTION_BATCH), rows.shape[1]), np.float32)
    out = np.empty((512, MAX_BLOCK_ROWS), np.float32)

    def multiply() -> None:
        for at in range(0, questions, 512):
            some = vectors[at % len(vectors) :][: min(512, questions - at)]  # [512, dims]
            for start in range(0, len(rows), MAX_BLOCK_ROWS):
                block = rows[start : start + MAX_BLOCK_ROWS]
                np.matmul(some, block.T, out=out[: len(some), : len(block)])  # [512, dims] @ [dims, block]

    return multiply


def distinct_vectors(space: Model, questions: Path) -> int:
    """Count the vectors that embgeo multiplies: the distinct words and pairs (a, b) of the questions it can answer."""
    vocabulary = {space.vocabulary.token(row).piece.upper() for row in range(len(space.weights.norms))}
    all_questions = [q for section in read_analogies(questions).items for q in section.questions]
    upper = [[word.upper() for word in question] for question in all_questions]
    known = [question for question in upper if vocabulary.issuperset(question)]
    return len({tuple(q[:2]) for q in known}) + len({q[2] for q in known})


def time_lines(shape: str, space: Model, model: str, vectors: Path, counts: tuple[int, int]) -> None:
    """Time queries from standard input, whole processes in turns."""
    runs, lines = counts
    with tempfile.TemporaryDirectory(prefix="embgeo-bench-") as folder:
        flags = space.vocabulary.table.flags
        rows = np.random.default_rng(1).choice(np.flatnonzero(flags & WORD), lines)
        tokens = [space.vocabulary.token(row) for row in rows.tolist()]
        terms, keys = Path(folder) / "terms.txt", Path(folder) / "keys.txt"
        terms.write_text("".join(f"id:{token.id}\n" for token in tokens), encoding="utf-8")
        keys.write_text("".join(f"{token.piece}\n" for token in tokens), encoding="utf-8")
        commands = {
            EMBGEO: ([*program(), "neighbors", "-", "-m", model], terms),
            GENSIM: (common.script("gensim_lines.py", vectors), keys),
        }
        times = common.time_calls({name: runner_on(*command) for name, command in commands.items()}, runs, 0)
        table = [(name, common.milliseconds(times, name), common.ratio(times, GENSIM, name)) for name in commands]
        common.show(
            f"{shape}, {lines:,} neighbor questions from standard input", ("", "ms", f"{GENSIM} by this"), table
        )


def runner_on(command: Sequence[str], source: Path) -> Callable[[], None]:
    """Return a function that runs a program with a file as standard input."""

    def run() -> None:
        with source.open("rb") as file:
            subprocess.run(command, stdin=file, stdout=subprocess.DEVNULL, check=True)

    return run


def show_memory(commands: dict[str, list[str]]) -> None:
    """Print the peak memory of each program in one run."""
    peaks = {label: common.peak_memory(command, 1) for label, command in commands.items()}
    rows = [(label, f"{peak.resident:.1f}", f"{peak.anonymous:.1f}") for label, peak in peaks.items() if peak]
    common.show("highest memory, MB", ("", "resident", "anonymous"), rows)


def make_tokenizer(questions: Path) -> Tokenizer:
    """Make a tokenizer of GPT-2's size whose tokens are the file's words and invented words."""
    needed = {word for section in read_analogies(questions).items for q in section.questions for word in q}
    pieces = list(dict.fromkeys([*sorted(pre_tokenizers.ByteLevel.alphabet()), *sorted(needed)]))
    words = common.invented_words()
    while len(pieces) < common.ROWS - 1:
        word = next(words)
        pieces += [spelling for spelling in (f"Ġ{word}", f"Ġ{word.title()}") if word not in needed]
    pieces = [*pieces[: common.ROWS - 1], "<|endoftext|>"]
    tokenizer = Tokenizer(models.BPE(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


if __name__ == "__main__":
    main()
