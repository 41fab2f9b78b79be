"""The golden cases: command lines whose exact output is stored in tests/golden.

python tests/golden.py [CASE...]    writes the current output of all or of these cases; read the diff before committing
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from forking import RunResult

HERE = Path(__file__).parent  # commands run here, and name tests/data from here: titles then wrap alike in any clone
FOLDER = HERE / "golden"
DATA = HERE / "data"
FORMATS = ("table", "json", "jsonl", "csv", "tsv")

IN_EVERY_FORMAT = {
    "analogy": "analogy king man woman -k 3",
    "neighbors": "neighbors cat -k 3",
    "direction": "direction cats cat --score one two three four",
    "direction-ends": "direction cats cat -k 2 --words",
    "dot": "dot cat dog",
    "dot-matrix": "dot cat dog house",
    "tokens": "tokens 'The cat sat' 'embeddings'",
    "vector": "vector cat",
    "odd": "odd breakfast lunch dinner car",
    "eval-analogies": "eval analogies <data>/analogies.txt",
    "eval-similarity": "eval similarity <data>/rated.tsv",
    "eval-odd": "eval odd-one-out <data>/odd.txt",
    "expression": "neighbors 'sushi + Germany - Japan' -k 2",
    "direction-pairs": "direction cats cat --pair dogs:dog --pair birds:bird --score one two houses",
    "project": "project queen --onto 'woman - man' --onto 'cats - cat'",
    "parallel": "parallel king man queen woman",
    "similarity": "similarity cat dog red",
    "context": "context 'the bank of the river' 'money in the bank' --word bank --near none",
    "cluster": "cluster cat dog red blue one two",
    "unembed": "unembed cat -k 3",
    "space": "space --queries 100 --samples 100 -k 2",
    "positions": "positions",
    "positioned": "positions cat --at 5 -k 3",
    "between": "between cat dog -k 2",
    "tour": "tour",
    "plot-pairs": "plot pairs man:woman king:queen uncle:aunt",
    "plot-direction": "plot direction cats cat --score one two three four",
    "plot-similarity": "plot similarity cat dog red",
    "plot-cluster": "plot cluster cat dog red blue one two",
    "plot-neighbors": "plot neighbors cat -k 4",
    "plot-space": "plot space --samples 100",
    "plot-positions": "plot positions",
    "plot-context": "plot context 'the bank of the river' 'money in the bank' --word bank",
}
PLURALS = "--pair cats:cat --pair dogs:dog --pair birds:bird --pair cars:car --pair eyes:eye --pair hands:hand"
HALF_REVERSED = "--pair cats:cat --pair dog:dogs --pair birds:bird --pair car:cars --pair eyes:eye --pair hand:hands"
GENDER = "man:woman king:queen boy:girl father:mother brother:sister uncle:aunt son:daughter husband:wife"
PLOTS = ("similarity", "cluster", "neighbors", "space", "positions", "context", "compare")
COMPARED = "compare <data>/compare/first.vec <data>/compare/second.vec -k 5 --top 2 --bands 3"
TRANSFORMS = "--transform none --transform center --transform remove-top=4"
IN_ONE_FORMAT = {
    "analogy-raw": "analogy king man woman -k 3 --raw --keep-inputs -m minilm",
    "analogy-mul": "analogy paris france germany -k 3 --method 3cosmul --words -m minilm",
    "analogy-offset": "analogy paris france germany -k 3 --method offset -m minilm",
    "neighbors-several": "neighbors cat dog -k 2 -m minilm",
    "neighbors-several-csv": "neighbors cat dog -k 2 --format csv -m minilm",
    "vector-several": "vector cat dog -m minilm",
    "direction-sorted": "direction cats cat --score one houses two --sort -m minilm",
    "between-straight": "between king queen --steps 1 --straight --words -m minilm",
    "bad-between-steps": "between cat dog --steps 0 -m minilm",
    "neighbors-dot": "neighbors cat -k 3 --metric dot -m minilm",
    "neighbors-euclidean": "neighbors cat -k 3 --metric euclidean --raw -m minilm",
    "neighbors-split": "neighbors embeddings -k 3 -m minilm",
    "neighbors-split-quiet": "neighbors embeddings -k 3 -q -m minilm",
    "neighbors-exact": "neighbors '\"##s\"' -k 3 -m minilm",
    "neighbors-row": "neighbors id:4937 -k 3 -m minilm",
    "neighbors-none": "neighbors cat -k 0 -m minilm",
    "direction-falling": "direction cats cat -m minilm --score four three --json",
    "direction-first": "direction --score one two -m minilm cats cat",
    "direction-dashes": "direction --score one two --quiet -m minilm -- cats cat",
    "analogy-pair-direction": "analogy king man woman -k 3 --method pairdirection -m minilm",
    "eval-analogies-gensim": "eval analogies <data>/analogies.txt --reference gensim -m minilm",
    "eval-analogies-two": "eval analogies <data>/analogies.txt --method 3cosmul -m minilm -m minilm",
    "eval-analogies-bats": "eval analogies <data>/bats --method 3cosavg -m minilm",
    "bad-eval-missing": "eval analogies nowhere.txt -m minilm",
    "bad-eval-similarity-missing": "eval similarity nowhere.txt -m minilm",
    "bad-eval-empty": "eval analogies <data>/odd.txt -m minilm",
    "bad-eval-similarity-empty": "eval similarity <data>/odd.txt -m minilm",
    "bad-eval-restrict": "eval similarity <data>/rated.tsv --restrict-vocab 0 -m minilm",
    "bad-odd": "odd cat dog -m minilm",
    "bad-no-input": "neighbors - --format csv -m minilm",
    "direction-evidence": f"direction {PLURALS} -k 2 -m minilm",
    "direction-noise": f"direction {HALF_REVERSED} -k 2 -m minilm",
    "direction-pca": f"direction {PLURALS} --method pca --components 3 --score one houses -m minilm",
    "direction-sum": f"direction {PLURALS} --method sum --score one houses -m minilm",
    "direction-one-pair": "direction cats cat --evidence --score one -m minilm",
    "direction-expression": "direction 'cats - cat' -k 2 -m minilm",
    "analogy-expression": "analogy 'king + queen' man woman -k 2 -m minilm",
    "dot-expression": "dot 'king - man' 'queen - woman' -m minilm",
    "vector-expression": "vector '0.5 * cat + 0.5 * dog' -m minilm",
    "neighbors-without": "neighbors nurse --without 'woman - man' -k 3 -m minilm",
    "neighbors-without-json": "neighbors nurse --without 'woman - man' -k 1 -m minilm --json",
    "reject": "reject queen --from 'woman - man' -m minilm",
    "reject-json": "reject queen --from 'woman - man' -m minilm --json",
    "similarity-dot": "similarity cat dog red blue one two three four --metric dot -m minilm",
    "cluster-three": "cluster cat dog red blue -n 3 -m minilm",
    "bad-expression": "neighbors 'king - (man + woman' -m minilm",
    "bad-expression-term": "neighbors 'king - ☃☃' -m minilm",
    "bad-expression-zero": "neighbors 'king - king' -m minilm",
    "bad-half-pair": "direction cats -m minilm",
    "bad-no-pair": "direction -m minilm",
    "bad-pair": "direction --pair cats -m minilm",
    "bad-pairs": "direction --pairs nowhere.txt -m minilm",
    "bad-components": "direction cats cat --components 2 -m minilm",
    "bad-saved": "neighbors nurse --without @nowhere -m minilm",
    "bad-without": "neighbors cat --without cat -m minilm",
    "bad-onto": "project queen -m minilm",
    "bad-groups": "cluster cat dog -n 3 -m minilm",
    "neighbors-centered": "neighbors cat --center -k 3 -m minilm",
    "analogy-whitened": "analogy king man woman --whiten -k 3 -m minilm",
    "direction-without-top": "direction cats cat --remove-top 4 --score one two three four -m minilm",
    "dot-causal": "dot cat dog house --inner causal -m minilm",
    "eval-analogies-transforms": f"eval analogies <data>/analogies.txt {TRANSFORMS} --transform whiten -m minilm",
    "eval-similarity-transforms": f"eval similarity <data>/rated.tsv {TRANSFORMS} -m minilm",
    "bad-transform": "eval similarity <data>/rated.tsv --transform centre -m minilm",
    "bad-transforms": "neighbors cat --remove-top 2 --whiten -m minilm",
    "bad-transform-peek": "dot cat dog --center --peek -m minilm",
    "bad-transform-unembed": "unembed cat --whiten -m minilm",
    "bad-remove-top": "neighbors cat --remove-top 0 -m minilm",
    "bad-remove-top-all": "neighbors cat --remove-top 384 -m minilm",
    "bad-rm-transform": "models rm minilm --center",
    **{f"info-{form}": f"info -m minilm --format {form}" for form in FORMATS},
    **{f"models-{form}": f"models --format {form}" for form in FORMATS},
    **{f"compare-{form}": f"{COMPARED} --format {form}" for form in FORMATS},
    "compare-words": f"{COMPARED} cat paris",
    "compare-words-csv": f"{COMPARED} cat paris --format csv",
    "compare-moved": "compare <data>/compare/first.vec <data>/compare/tuned.vec --moved --top 3",
    "compare-moved-json": "compare <data>/compare/first.vec <data>/compare/tuned.vec --moved --top 1 --json",
    "compare-moved-csv": "compare <data>/compare/first.vec <data>/compare/tuned.vec --moved --top 3 --format csv",
    "compare-moved-none": "compare <data>/compare/first.vec <data>/compare/first.vec --moved",
    "bad-compare-moved": "compare <data>/compare/first.vec <data>/compare/second.vec --moved",
    "bad-compare-moved-word": "compare minilm minilm cat --moved",
    "compare-plot": f"{COMPARED} --plot",
    "plot-compare": "plot compare <data>/compare/first.vec <data>/compare/second.vec cat -k 5",
    "plot-compare-json": "plot compare <data>/compare/first.vec <data>/compare/second.vec -k 5 --bands 2 --json",
    "compare-control-json": f"{COMPARED} --control shuffled --json",  # a table would wrap depending on the paths
    "compare-control-csv": f"{COMPARED} --control random --seed 1 --format csv",
    "compare-sides": "compare minilm minilm --side input --side position -k 3",
    "bad-compare-word": f"{COMPARED} unlike",
    "bad-compare-k": "compare <data>/compare/first.vec <data>/compare/second.vec -k 500",
    "bad-compare-sides": "compare minilm minilm --side input --side output --side input",
    "bad-compare-counts": "compare minilm minilm --counts <data>/odd.txt",
    "bad-compare-map": f"{COMPARED} --map STORE",
    "help-compare": "compare --help",
    "neighbors-across": "neighbors cat -k 3 -m minilm --to minilm",
    "neighbors-across-json": "neighbors paris -k 1 -m <data>/compare/first.vec --to <data>/compare/second.vec --json",
    "bad-neighbors-through": "neighbors cat --through nowhere -m minilm",
    "bad-neighbors-across": "neighbors cat --to minilm --metric dot -m minilm",
    "pull": "pull minilm",
    "pull-json": "pull minilm --json",
    "verify": "verify minilm",
    "verify-json": "verify minilm --json",
    "help-unembed": "unembed --help",
    "bad-temperature": "unembed cat -T -1 -m minilm",
    "help-verify": "verify --help",
    "help-space": "space --help",
    "bad-queries": "space --queries some -m minilm",
    "bad-samples": "space --samples 1 -m minilm",
    "help-positions": "positions --help",
    "help-tour": "tour --help",
    "help-shell": "shell --help",
    "similarity-texts": "similarity --texts 'A cat sleeps.' 'A kitten naps.' 'Stocks fell.' -m minilm",
    "search": "search 'they fly' <data>/odd.txt -k 2 -m minilm",
    "next-encoder": "next 'The cat sat on the' -m minilm",
    "bad-next-mask": "next 'Paris is the [MASK] of France.' -m minilm",
    "help-next": "next --help",
    "help-search": "search --help",
    "bad-search-missing": "search cat nowhere.txt -m minilm",
    "bad-search-by": "search cat <data>/odd.txt --by word -m minilm",
    "help-context": "context --help",
    "bad-context-word": "context 'the cat' --word dog -m minilm",
    "bad-context-layers": "context 'the cat' --word cat --layers 9 --near none -m minilm",
    "bad-context-empty": "context '' --word cat --near none -m minilm",
    "bad-context-center": "context 'the cat' --word cat --center -m minilm",
    "help-between": "between --help",
    "bad-at": "positions --at 5 -m minilm",
    "bad-position": "positions cat --at 512 -m minilm",
    "positions-fallback": "positions --format csv",
    "neighbors-position": "neighbors 5 --side position -k 2 -m minilm",
    "nothing": "",
    "help": "help odd",
    "eval-alone": "eval",
    "bad-two-models": "info -m minilm -m gpt2",
    "neighbors-models": "neighbors cat -k 3 -m minilm -m minilm",
    "neighbors-models-json": "neighbors cat -k 1 -m minilm -m minilm --json",
    "direction-models": "direction cats cat --score one two three -m minilm -m minilm",
    "vector-models": "vector cat -m minilm -m minilm",
    "neighbors-control": "neighbors cat -k 3 -m minilm --control random",
    "direction-control": "direction cats cat --score one two three -m minilm --control shuffled --seed 2",
    "space-control-json": "space --queries 50 --samples 50 -k 1 -m minilm --control random --json",
    "tour-control": "tour 4 -m minilm --control random",
    "eval-similarity-control": "eval similarity <data>/rated.tsv -m minilm --control random",
    "eval-analogies-control": "eval analogies <data>/analogies.txt -m minilm --control shuffled --format csv",
    "bad-control-seed": "dot cat dog --control random --seed -1 -m minilm",
    "bad-models-plot": "neighbors cat --plot -m minilm -m minilm",
    "bad-models-word": "neighbors ☃☃ -m minilm -m minilm",
    "version": "--version",
    "bad-unknown-word": "neighbors ☃☃ -m minilm",
    "bad-near-spelling": "neighbors 'kittenz☃' -m minilm",
    "bad-empty-term": "neighbors '' -m minilm",
    "bad-row": "neighbors id:99999 -m minilm",
    "bad-multi": "neighbors embeddings --multi error -m minilm",
    "bad-exact": "neighbors '\"embeddings\"' -m minilm",
    "bad-metric": "neighbors cat --metric manhattan -m minilm",
    "bad-count": "neighbors cat -k -1 -m minilm",
    "bad-option": "neighbors cat --colour -m minilm",
    "bad-missing": "analogy king man",
    "bad-command": "neighbours cat",
    "bad-score": "direction cats cat -m minilm --score",
    "bad-direction": "direction cat Cat -m minilm",
    "bad-model-path": "neighbors cat -m ./nowhere",
    "bad-model-name": "neighbors cat -m not/a/model",
    "bad-revision": "neighbors cat -m minilm --revision main",
    "bad-offline": "neighbors cat -m gpt2",
    "bad-rm": "models rm gpt2",
    "bad-rm-bundled": "models rm minilm",
    "fallback": "neighbors cat -k 2",
    "help-analogy": "analogy --help",
    "help-neighbors": "neighbors --help",
    "help-direction": "direction --help",
    "help-project": "project --help",
    "help-reject": "reject --help",
    "help-parallel": "parallel --help",
    "help-similarity": "similarity --help",
    "help-cluster": "cluster --help",
    "help-dot": "dot --help",
    "help-tokens": "tokens --help",
    "help-vector": "vector --help",
    "help-info": "info --help",
    "help-export": "export --help",
    "export": "export STORE/words.vec cat dog 'new york' -m minilm --json",
    "export-projector": "export STORE/projector --to projector cat dog -m minilm --format csv",
    "bad-export-format": "export out -m minilm",
    "bad-export-dtype": "export out.npy --dtype BF16 -m minilm",
    "bad-export-there": "export STORE cat --to npy -m minilm",
    "bad-export-words": "export out.npy --words-from nowhere.txt -m minilm",
    "bad-file-format": "info --file-format glove -m minilm",
    "bad-vectors": "info -m nowhere.vec",
    "info-cite": "info --cite -m minilm",
    "info-cite-json": "info --cite -m minilm --json",
    "help-pull": "pull --help",
    "help-models": "models --help",
    "help-models-rm": "models rm --help",
    "help-eval": "eval --help",
    "help-eval-analogies": "eval analogies --help",
    "help-eval-similarity": "eval similarity --help",
    "help-eval-odd": "eval odd-one-out --help",
    "help-odd": "odd --help",
    "help-plot": "plot --help",
    "help-plot-pairs": "plot pairs --help",
    "help-plot-direction": "plot direction --help",
    **{f"help-plot-{name}": f"plot {name} --help" for name in PLOTS},
    "similarity-plot": "similarity cat dog red blue --plot -m minilm",
    "direction-plot": "direction cats cat --score one two three --plot -m minilm",
    "bad-plot-count": "plot neighbors cat -k 0 -m minilm",
    "bad-plot-metric": "neighbors cat --metric dot --plot -m minilm",
    "bad-plot-word": "positions cat --plot -m minilm",
    "bad-plot-one-word": "plot similarity cat -m minilm",
    "plot-pairs-eight": f"plot pairs {GENDER} -m minilm",
    "plot-pairs-pca": f"plot pairs {GENDER} --axes pca -m minilm",
    "plot-one-pair": "plot pairs man:woman -m minilm",
    "plot-equal": "plot pairs man:Man king:queen -m minilm",
    "plot-cancelling": "plot pairs man:woman woman:man -m minilm",
    "bad-plot-once": "plot context 'the bank of the river' --word bank -m minilm",
    "bad-plot-nothing": "plot pairs -m minilm",
    "bad-plot-axes": "plot pairs man:woman --axes tsne -m minilm",
    "bad-plot-parallel": "plot pairs man:woman --axes 'king - man,2 * king - 2 * man' -m minilm",
    "bad-plot-no-words": "plot direction cats cat -m minilm",
    "bad-plot-kind": "plot pairs man:woman -o picture.gif -m minilm",
    "bad-plot-folder": "plot pairs man:woman -o nowhere/picture.svg -m minilm",
    "bad-plot-scale": "plot pairs man:woman -o picture.png --scale 0 -m minilm",
    "help-map": "map --help",
    "map-layout": "map --layout round -o STORE/map.html -m minilm",
    "map-folder": "map -o STORE -m minilm",
    "map-three": "map -m minilm -m minilm -m minilm -o STORE/map.html",
    "map-few": "map --top 2 -o STORE/map.html -m minilm",
}
CASES = {
    f"{name}-{form}": f"{text} -m minilm --format {form}" for name, text in IN_EVERY_FORMAT.items() for form in FORMATS
} | IN_ONE_FORMAT


def environment(store: str, command: str = "") -> dict[str, str]:
    """An offline environment with an empty store, no user settings, and 80 columns (300 where paths are printed)."""
    plain = {
        key: value for key, value in os.environ.items() if not key.startswith(("EMBGEO_", "HF_", "LC_", "_EMBGEO"))
    }
    wide = "300" if command.startswith(("info", "models", "pull", "verify", "export")) else "80"
    return plain | {
        "EMBGEO_HOME": store, "HF_HUB_CACHE": f"{store}/none", "HF_HUB_OFFLINE": "1", "COLUMNS": wide,
        "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8",
    }  # fmt: skip


def in_a_process(arguments: list[str], environment: dict[str, str]) -> RunResult:
    """Run a command in a process of its own, as a user does."""
    command = [sys.executable, "-m", "embgeo", *arguments]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", env=environment, timeout=60,
        check=False,
    )  # fmt: skip
    return RunResult(done.returncode, done.stdout, done.stderr)


def output_of(command: str, store: str, run: Callable[[list[str], dict[str, str]], RunResult] = in_a_process) -> str:
    """The golden text of a command: its stdout, stderr and exit code, with placeholders for paths."""
    from embgeo.models.loader import BUNDLE

    command = command.replace("<data>", "data")
    with contextlib.chdir(HERE):
        done = run(shlex.split(command.replace("STORE", store)), environment(store, command))
    parts = [f"$ embgeo {command}".rstrip() + "\n", done.stdout]
    parts += [f"--- stderr\n{done.stderr}"] if done.stderr else []
    parts += [f"--- exit {done.code}\n"] if done.code else []
    return "".join(parts).replace(str(BUNDLE), "<bundle>").replace(store, "<store>")


def write(names: Iterable[str]) -> None:
    """Write the current output of these cases."""
    FOLDER.mkdir(exist_ok=True)
    for name in names:
        with tempfile.TemporaryDirectory() as store:
            (FOLDER / f"{name}.txt").write_text(output_of(CASES[name], store), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:] or CASES)
    for path in FOLDER.glob("*.txt"):
        if path.stem not in CASES:
            path.unlink()
