"""Check that search and sentence-transformers find the same ten passages in the same order for 500 queries.

    python bench/same_as_sentence_transformers.py MODEL_FOLDER [--queries N]

needs sentence-transformers, and a folder with the published files of a sentence model such as all-MiniLM-L6-v2.
The passages are the lines of this repository's documentation, one for each distinct sequence of tokens; the queries are
the first lines of its docstrings. Exit code 1 if any query's list differs.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tempfile
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from embgeo import load

ROOT = Path(__file__).resolve().parent.parent
TOP = 10


def passages(folder: str) -> list[str]:
    """The lines of the documentation, one for each distinct sequence of tokens, so that no two have the same score."""
    tokenizer = Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    lines = [line.strip() for page in pages for line in page.read_text(encoding="utf-8").splitlines()]
    return list({tuple(tokenizer.encode(line).ids): line for line in filter(None, lines)}.values())


def queries(count: int) -> list[str]:
    """This many first lines of docstrings, evenly spread over the code."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                found.setdefault(text.splitlines()[0])
    lines = list(found)
    return [lines[n * len(lines) // count] for n in range(count)]


def ours(folder: str, corpus: list[str], asked: list[str]) -> list[list[tuple[int, float]]]:
    """Line and score of the ten passages that `embgeo search` finds for each query."""
    space = load(folder)
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "corpus.txt")
        file.write_text("\n".join(corpus) + "\n", encoding="utf-8")
        return [[(one.line - 1, one.score) for one in space.search(query, file, TOP, cut=True)] for query in asked]


def theirs(folder: str, corpus: list[str], asked: list[str]) -> list[list[tuple[int, float]]]:
    """The same by sentence-transformers' own encoding and search."""
    from sentence_transformers import SentenceTransformer, util

    model = SentenceTransformer(folder, device="cpu")
    passage_vectors, query_vectors = (model.encode(texts, convert_to_tensor=True) for texts in (corpus, asked))
    return [
        [(int(hit["corpus_id"]), float(hit["score"])) for hit in hits]
        for hits in util.semantic_search(query_vectors, passage_vectors, top_k=TOP)
    ]


def main() -> int:
    """Print how many lists are the same, and the largest difference of scores."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--queries", type=int, default=500)
    args = parser.parse_args()
    corpus, asked = passages(args.folder), queries(args.queries)
    mine, other = ours(args.folder, corpus, asked), theirs(args.folder, corpus, asked)
    same = [[n for n, _ in a] == [n for n, _ in b] for a, b in zip(mine, other, strict=True)]
    apart = [abs(x - y) for a, b in zip(mine, other, strict=True) for (_, x), (_, y) in zip(a, b, strict=True)]
    print(f"{len(corpus):,} passages, {len(asked):,} queries: the same ten in the same order for {sum(same):,}")
    print(f"largest difference of a score at the same rank: {np.max(apart):.2g}")
    for number in [n for n, equal in enumerate(same) if not equal][:5]:
        print(f"  {asked[number]!r}\n    embgeo {mine[number]}\n    theirs {other[number]}")
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
