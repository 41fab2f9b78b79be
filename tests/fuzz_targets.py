"""The fuzz targets: for each reader, valid files to start from, and what must hold for any other input.

A target gets bytes and its own folder. It may reject the bytes with an `EmbgeoError`; any other exception is a bug. It
must be able to use whatever it accepts. The tests mutate inputs with Hypothesis, bench/fuzz.py guided by coverage.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import json
import re
import struct
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import safetensors
from safetensors.numpy import save

import fuzz_texts
import vocabularies
from embgeo.errors import EmbgeoError, FormatError, TermError
from embgeo.formats import direction_file, map_file
from embgeo.formats.lines import read_groups, read_word_counts
from embgeo.formats.open_file import OpenFile
from embgeo.formats.pairs import read_pairs
from embgeo.formats.safetensors import file_head, header_end, parse_header
from embgeo.formats.tokenizer_json import read_tokens
from embgeo.models import local, prepare, store, vectors
from embgeo.models.choice import Choice
from embgeo.models.manifest import Located, Origin
from embgeo.models.model import Model
from embgeo.models.weights import INDEX
from embgeo.questions import dot, info, neighbors, tokens
from embgeo.questions.evaluation import run
from embgeo.vocabulary.expression import Expression, parse
from embgeo.vocabulary.reading import MAX_TERM_LENGTH
from embgeo.vocabulary.vocabulary import Vocabulary
from fuzz_hub import HUB_TARGETS

ROWS: Final = np.array([[1, 0, 0.5], [0.25, 1, 0], [0, 0, 0], [-1, 2, 3e4]], np.float32)
WORDS: Final = ("cat", "dog", "Zürich", "cat's")
# Inserted by mutations: extreme numbers, delimiters, and keywords of the formats.
PIECES: Final = (
    b"\0", b"\xff" * 4, b"\xff" * 8, b"\x7f", b"-1", b"-0", b"0", b"1", b"4", b"nan", b"-inf", b"1e999", b"1e-45",
    b"1_0", b"9223372036854775808", b"4294967295", b"9" * 40, b"true", b"null", b"[]", b"{}", b"[[", b'"',
    b'"\\ud800"', b"\n", b" ", b"\t", b"\r\n", b"\x1f", b"\xc2\x85", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\x80\x04",
    b"\x1f\x8b", b'"__metadata__"', b'"dtype"', b'"shape"', b'"data_offsets"', b'"F32"', b'"BF16"', b'"F4"', b"<f4",
    b">f8", b"|O", b"GGUF", b"(", b")", b" + ", b" - ", b" * ", b"\x95", b"r\xff\xff\xff\x7f", b"\x8d", b"\x96",
    b"\x8f", b"\x91", b"R", b"b", b"\x85", b"u.",
)  # fmt: skip


class Target(NamedTuple):
    """One reader: valid files to start from, and a function that tells whether the reader accepts an input."""

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes, Path], bool]


def header_seeds() -> list[bytes]:
    """Files from the official writer."""
    arrays: dict[str, Any] = {"a": ROWS, "b": np.zeros((2, 0), np.float16), "c": np.arange(5, dtype=np.uint8)}
    return [save(arrays, {"format": "pt"}), save({"a": ROWS}), save({})]


def header(data: bytes, _folder: Path) -> bool:
    """The official parser reads whatever embgeo accepts, with the same result."""
    try:
        end = header_end(data[:8], "file")
        result = parse_header(data[8:end], len(data), "file") if end <= len(data) else None
    except FormatError:
        return False
    if result is None:
        return False
    official = {name: (t["dtype"], tuple(t["shape"]), bytes(t["data"])) for name, t in safetensors.deserialize(data)}  # type: ignore[no-untyped-call]
    assert {t.name: (t.dtype, t.shape, data[t.start : t.stop]) for t in result.tensors.values()} == official
    return True


def query(model: Model) -> None:
    """Ask questions that read every part of a prepared model; each answer is finite or an EmbgeoError."""
    for question in (
        lambda: neighbors.neighbors(model, "id:0", 3),
        lambda: neighbors.neighbors(model, "cat", 3, metric="dot", raw=True),
        lambda: dot.dot(model, ["cat", "'dog'"]),
        lambda: tokens.tokens(model, ["a cat's dog"]),
    ):
        with contextlib.suppress(EmbgeoError):
            json.dumps(_data(question()), allow_nan=False)
    table = model.vocabulary.table
    for row in {0, len(table) - 1}:
        model.vocabulary.token(row)
    info.describe(model)


def _data(answer: object) -> Any:
    from embgeo.results.records import as_data

    return as_data(answer)


def vector_file(form: str | None) -> Callable[[bytes, Path], bool]:
    """A target that loads a vector file in this format; None detects the format from the content."""

    def run(data: bytes, folder: Path) -> bool:
        path, place = folder / "file", folder / "place"
        path.write_bytes(data)
        place.mkdir(exist_ok=True)
        choice = Choice(file_format=form)
        try:
            if not vectors.is_vectors(path, form):
                return False
        except EmbgeoError:
            return False
        return prepare_and_query(lambda: vectors.locate(path, place, choice), place)

    return run


def prepare_and_query(locate: Callable[[], Located], place: Path) -> bool:
    """Prepare a model and query it; False if it is rejected."""
    try:
        prepared = prepare.prepare(locate(), place)
    except EmbgeoError:
        return False
    finally:
        assert not list(place.glob("*.part"))
    query(prepared)
    return True


def text_seeds(head: str = "") -> list[bytes]:
    """Text files with a word and its numbers on each line: with spaces, with tabs, and compressed."""
    lines = [f"{word} {' '.join(f'{value:g}' for value in row)}" for word, row in zip(WORDS, ROWS, strict=True)]
    text = head + "\n".join(lines) + "\n"
    return [text.encode(), (text + "\n").replace(" ", "\t").encode(), gzip.compress(text.encode(), mtime=0)]


def table_seeds() -> list[bytes]:
    """Tables with a column per number, in every delimiter, and one with a column of lists."""
    wide = [
        delimiter.join(map(str, row))
        for delimiter in ",;\t"
        for row in [("word", 0, 1, 2), *((word, *numbers) for word, numbers in zip(WORDS, ROWS, strict=True))]
    ]
    size = len(ROWS) + 1
    lists = ["token,count,vector", *(f'"{word}",1,"{row.tolist()}"' for word, row in zip(WORDS, ROWS, strict=True))]
    return ["\n".join(lines).encode() for lines in (wide[:size], wide[size : 2 * size], wide[2 * size :], lists)]


def jsonl_seeds() -> list[bytes]:
    """Objects with a list of numbers, and with a key per number."""
    pairs = list(zip(WORDS, ROWS.tolist(), strict=True))
    lines = [[{"word": word, "vector": row} for word, row in pairs], [{"term": w, "a": r[0], "b": 1} for w, r in pairs]]
    return ["\n".join(map(json.dumps, objects)).encode() for objects in lines]


def arrow_seeds() -> list[bytes]:
    """Parquet and Feather files; without pyarrow, a file that only looks like Parquet."""
    with contextlib.suppress(ImportError):
        import pyarrow
        from pyarrow import feather, parquet

        results = []
        for columns in ({"word": WORDS, "vector": ROWS.tolist()}, {"word": WORDS, "x": ROWS[:, 0], "y": ROWS[:, 1]}):
            out = io.BytesIO()
            parquet.write_table(pyarrow.table(columns), out)
            results.append(out.getvalue())
            out = io.BytesIO()
            feather.write_feather(pyarrow.table(columns), out)
            results.append(out.getvalue())
        return results
    return [b"PAR1"]


def npz_seeds() -> list[bytes]:
    """A matrix and words, plain and compressed."""
    results = []
    for write in (np.savez, np.savez_compressed):
        out = io.BytesIO()
        write(out, words=np.array(WORDS), vectors=ROWS)
        results.append(out.getvalue())
    return results


def finalfusion_seeds() -> list[bytes]:
    """Finalfusion files with words alone, and with n-grams."""
    from test_spacy_finalfusion import fifu

    return [fifu([word.encode() for word in WORDS], ROWS, kind) for kind in (1, 3)]


def spacy_seeds() -> list[bytes]:
    """A spaCy map from three hashes to rows."""
    from test_spacy_finalfusion import keys, packed

    return [packed(dict(zip(keys("cat", "dog", "Zürich"), (0, 2, 1), strict=True)))]


def spacy_folder(data: bytes, folder: Path) -> bool:
    """A spaCy vectors folder with this map from hashes to rows."""
    place = folder / "place"
    place.mkdir(exist_ok=True)
    np.save(folder / "vectors.npy", ROWS[:3])
    (folder / "vectors.npy").rename(folder / "vectors")
    (folder / "strings.json").write_text(json.dumps(WORDS))
    (folder / "key2row").write_bytes(data)
    return prepare_and_query(lambda: vectors.locate(folder, place), place)


def packed_seeds() -> list[bytes]:
    """A text file compressed with bzip2, xz and zip."""
    from test_packed import PACKED

    plain = text_seeds()[0]
    return [pack(plain) for pack in PACKED.values()]


def binary_seeds() -> list[bytes]:
    """word2vec binary, with and without a line feed after each row."""
    parts = [word.encode() + b" " + row.tobytes() for word, row in zip(WORDS, ROWS, strict=True)]
    return [b"4 3\n" + end.join(parts) + end for end in (b"\n", b"")]


def gensim_seeds() -> list[bytes]:
    """Output of gensim's `save` with three pickle protocols."""
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(3)
    keyed.add_vectors(list(WORDS), ROWS)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for protocol in (2, 4, 5):
            keyed.save(f"{folder}/kv", pickle_protocol=protocol)
            results.append(Path(f"{folder}/kv").read_bytes())
    return results


def gguf_text(value: str) -> bytes:
    """A length-prefixed text, as in GGUF."""
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf_file(kind: str, types: tuple[int, ...], ggml: int, data: bytes, dims: int) -> bytes:
    """A hand-made GGUF file with four tokens."""
    pieces = ["Ġcat", "▁dog", "<0x0A>", "[PAD3]"]
    keys = [gguf_text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 4) + b"".join(map(gguf_text, pieces))]
    keys += [gguf_text("tokenizer.ggml.model") + struct.pack("<I", 8) + gguf_text(kind)]
    keys += [gguf_text("tokenizer.ggml.token_type") + struct.pack("<IIQ4i", 9, 5, 4, *types)]
    keys += [gguf_text("general.alignment") + struct.pack("<II", 4, 32)]
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(keys)) + b"".join(keys)
    head += gguf_text("token_embd.weight") + struct.pack("<IQQIQ", 2, dims, 4, ggml, 0)
    return head + bytes(-len(head) % 32) + data


def gguf_seeds() -> list[bytes]:
    """GGUF files in float32, float16 and Q8_0."""
    blocks = b"".join(struct.pack("<e32b", 0.5, *range(row, row + 32)) for row in range(4))
    return [
        gguf_file("gpt2", (1, 1, 1, 5), 0, ROWS.tobytes(), 3),
        gguf_file("llama", (1, 1, 6, 3), 1, ROWS.astype("<f2").tobytes(), 3),
        gguf_file("bert", (1, 1, 1, 5), 8, blocks, 32),
    ]


def npy_seeds() -> list[bytes]:
    """Row-major and column-major .npy files, without a word list."""
    results = []
    for array in (ROWS, np.asfortranarray(ROWS.astype(">f8"))):
        out = io.BytesIO()
        np.save(out, array)
        results.append(out.getvalue())
    return results


def npy(data: bytes, folder: Path) -> bool:
    """A .npy with a list of four words next to it."""
    (folder / "file.txt").write_text("\n".join(WORDS))
    return vector_file("npy")(data, folder)


def fasttext_seeds() -> list[bytes]:
    """FastText files of two words and three buckets in two dimensions, with and without n-grams."""
    from test_fasttext import fasttext_file

    return [fasttext_file(), fasttext_file(longest=0)]


def projector_seeds() -> list[bytes]:
    """A vectors.tsv of three rows."""
    return [b"1\t0\n0.5\t-2e3\n0\t1\n"]


def projector(data: bytes, folder: Path) -> bool:
    """A vectors.tsv next to a metadata.tsv of three words."""
    (folder / "metadata.tsv").write_text("cat\ncats\ndog\n")
    return vector_file("projector")(data, folder)


def metadata_seeds() -> list[bytes]:
    """A metadata.tsv with words alone, and with words in one of two columns."""
    return [b"cat\ncats\ndog\n", b"Count\tWord\n1\tcat\n2\tcats\n3\tdog\n"]


def metadata(data: bytes, folder: Path) -> bool:
    """A metadata.tsv next to a vectors.tsv of three rows."""
    (folder / "metadata.tsv").write_bytes(data)
    return vector_file("projector")(projector_seeds()[0], folder)


def words_seeds() -> list[bytes]:
    """Word lists with four entries, in both line endings."""
    return ["\n".join(WORDS).encode(), "\r\n".join(WORDS).encode() + b"\r\n"]


def words(data: bytes, folder: Path) -> bool:
    """A word list next to a .npy of four rows."""
    (folder / "file.txt").write_bytes(data)
    return vector_file("npy")(npy_seeds()[0], folder)


def expression_seeds() -> list[bytes]:
    """Expressions with sums, products, quotes and parentheses."""
    texts = ["king - man + woman", "2 * (cat - .5e1 * (\"d g\" + 'x')) - id:3", "- a * 1e300 * 1e3", "f(x) + (C++)"]
    return [text.encode() for text in texts]


def expression(data: bytes, _folder: Path) -> bool:
    """An expression parses, or the error points into the text."""
    text, refusal = data.decode("utf-8", "surrogateescape"), ""
    terms: Expression = ()
    try:
        terms = parse(text)
    except TermError as refused:
        refusal = refused.message.removeprefix(f"'{text}' is not a valid expression: ")
    if refusal and len(text) <= MAX_TERM_LENGTH:
        at = re.match(r"at character (\d+), ", refusal)
        assert at, refusal
        assert 1 <= int(at[1]) <= len(text) + 1, refusal
    return bool(terms)


def tokenizer_seeds() -> list[bytes]:
    """A small tokenizer.json of every kind."""
    return [make().to_str().encode() for make in vocabularies.KINDS.values()]


def tokenizer(data: bytes, folder: Path) -> bool:
    """A tokenizer.json is rejected, or its table finds every token and it splits text."""
    path = folder / "tokenizer.json"
    path.write_bytes(data)
    try:
        table = read_tokens(path, 40)
    except EmbgeoError:
        return False
    for token in table.order.tolist():
        result = table.find(table.key(token))
        assert result is not None
        assert table.key(result) == table.key(token)
    vocabulary = Vocabulary(table, OpenFile(path))
    for term in ("cat", '"dog"', "catdog", "id:3", "☃ ☃"):
        with contextlib.suppress(EmbgeoError):
            assert all(0 <= row < 40 for row in vocabulary.resolve(term).ids)
    return True


def static_model(**tables: Any) -> bytes:
    """A model2vec file: shared rows, and these tables of mappings and weights."""
    return save({"embeddings": ROWS.astype(np.float16), **tables})


def model_seeds() -> list[bytes]:
    """model.safetensors of a language model, and of static embeddings."""
    mapping, weights = np.array([3, 0, 0, 1, 2]), np.array([1, 0.5, 2, 1, 0], np.float32)
    bits = np.array([0x3F80, 0xC2F7, 0x7F80] * 4, "<u2").reshape(4, 3)
    heads = [file_head({"wte.weight": (dtype, (4, 3))}, {"format": "pt"}) for dtype in ("BF16", "F8_E4M3")]
    return [
        save({"wte.weight": ROWS, "wpe.weight": ROWS, "lm_head.weight": ROWS}),
        heads[0] + bits.tobytes(), heads[1] + bytes(range(120, 132)),
        static_model(mapping=mapping, weights=weights), static_model(weights=weights[:4]),
    ]  # fmt: skip


def model_folder(name: str) -> Callable[[bytes, Path], bool]:
    """A target that loads a folder in which one file is the input."""

    def run(data: bytes, folder: Path) -> bool:
        for file in ("model.safetensors", "tokenizer.json", "config.json"):
            if not (folder / file).exists():
                (folder / file).symlink_to(prepared_model() / file)
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_bytes(data)
        if name == INDEX:
            (folder / "model.safetensors").unlink()
            if not (folder / "shard").exists():
                (folder / "shard").symlink_to(prepared_model() / "model.safetensors")
        place = folder / "place"
        place.mkdir(exist_ok=True)
        return prepare_and_query(lambda: local.locate(folder, place), place)

    return run


def index_seeds() -> list[bytes]:
    """A shard index."""
    return [json.dumps({"metadata": {"total_size": 9}, "weight_map": {"wte.weight": "shard", "h.0": "b"}}).encode()]


def config_seeds() -> list[bytes]:
    """Configs of a text model and of a multimodal one."""
    shape = {"vocab_size": 4, "hidden_size": 3}
    return [json.dumps(config).encode() for config in (shape, {"text_config": shape})]


def direction_seeds() -> list[bytes]:
    """Saved directions with one and with two axes."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for axes, shares, method in ((ROWS[:1], [], "mean"), (ROWS[:2], [0.5, 0.25], "pca")):
            path = Path(folder, method)
            pairs = (("a", "b"), ("c", "d"))
            direction_file.save(str(path), direction_file.SavedDirection(
                axes.astype(float), np.array(shares), "model", "", method, "mean", pairs))  # fmt: skip
            results.append(path.read_bytes())
    return results


def direction(data: bytes, folder: Path) -> bool:
    """A saved direction, if accepted, is finite."""
    (folder / "file").write_bytes(data)
    try:
        result = direction_file.read(str(folder / "file"))
    except EmbgeoError:
        return False
    assert np.isfinite(result.axes).all()
    return True


def map_seeds() -> list[bytes]:
    """A saved map between two spaces."""
    with tempfile.TemporaryDirectory() as folder:
        here, there = (map_file.SpaceReference(name, "", "center", "input", "wte.weight") for name in ("a", "b"))
        map_file.save(Path(folder, "map"), map_file.SavedMap(ROWS.astype(float), here, there, 12), force=False)
        return [Path(folder, "map").read_bytes()]


def saved_map(data: bytes, folder: Path) -> bool:
    """A saved map, if accepted, is finite."""
    (folder / "file").write_bytes(data)
    try:
        result = map_file.read(folder / "file")
    except EmbgeoError:
        return False
    assert np.isfinite(result.rotation).all()
    assert result.fitted >= 0
    return True


def lines_seeds() -> list[bytes]:
    """Files of pairs, benchmarks, counts and groups."""
    texts = (
        ": family\ncat dog cat's Zürich\ncat\tdog/cat's\n",
        "cat\tdog\t7.5\ncat,dog,1e1\n# x\n",
        "cats:cat\n'a':id:5\n",
        "# counts\nthe\t23135851162\nof 7\nand,5\n",
        "animals: cat dog\ncities: new york, paris\n",
    )
    return [text.encode() for text in texts]


def lines(data: bytes, folder: Path) -> bool:
    """A text file, read by every reader of pairs, groups, counts and benchmarks."""
    space, path = store.open_prepared(prepared_model()), folder / "file"
    assert space is not None
    path.write_bytes(data)
    accepted = False
    for read in (
        lambda: read_pairs(str(path)), lambda: read_groups(str(path)), lambda: read_word_counts(str(path)),
        lambda: run.analogy_scores([space], path)[0], lambda: run.similarity_scores([space], path),
        lambda: run.odd_scores([space], path)[0],
    ):  # fmt: skip
        with contextlib.suppress(EmbgeoError):
            json.dumps(_data(read()), allow_nan=False)
            accepted = True
    return accepted


@functools.cache
def prepared_model() -> Path:
    """The folder of a prepared model with all its parts, made once."""
    from conftest import write_model

    folder = Path(tempfile.mkdtemp(prefix="embgeo-fuzz-"))
    write_model(folder, ROWS, WORDS)
    prepare.prepare(local.describe(Origin("model", "", "local"), folder, folder), folder)
    return folder


def prepared_seeds() -> list[bytes]:
    """The prepared file of that model."""
    return [(prepared_model() / store.PREPARED).read_bytes()]


def prepared(data: bytes, folder: Path) -> bool:
    """A prepared file opens and answers, or counts as missing."""
    for name in ("model.safetensors", "tokenizer.json"):
        if not (folder / name).exists():
            (folder / name).symlink_to(prepared_model() / name)
    (folder / store.PREPARED).write_bytes(data)
    result = store.open_prepared(folder)
    if result is None:
        return False
    query(result)
    return True


TARGETS: Final = {
    "header": Target(header_seeds, header),
    "word2vec": Target(lambda: text_seeds("4 3\n"), vector_file("word2vec")),
    "glove": Target(text_seeds, vector_file("glove")),
    "projector": Target(projector_seeds, projector),
    "metadata": Target(metadata_seeds, metadata),
    "word2vec-binary": Target(binary_seeds, vector_file("word2vec-binary")),
    "gensim": Target(gensim_seeds, vector_file("gensim")),
    "fasttext": Target(fasttext_seeds, vector_file("fasttext")),
    "gguf": Target(gguf_seeds, vector_file("gguf")),
    "npy": Target(npy_seeds, npy),
    "words": Target(words_seeds, words),
    "detected": Target(lambda: [*text_seeds(), *binary_seeds(), *gguf_seeds()], vector_file(None)),
    "csv": Target(table_seeds, vector_file("csv")),
    "jsonl": Target(jsonl_seeds, vector_file("jsonl")),
    "parquet": Target(arrow_seeds, vector_file("parquet")),
    "npz": Target(npz_seeds, vector_file("npz")),
    "finalfusion": Target(finalfusion_seeds, vector_file("finalfusion")),
    "spacy": Target(spacy_seeds, spacy_folder),
    "packed": Target(packed_seeds, vector_file(None)),
    "expression": Target(expression_seeds, expression),
    "tokenizer": Target(tokenizer_seeds, tokenizer),
    "prepared": Target(prepared_seeds, prepared),
    "model": Target(model_seeds, model_folder("model.safetensors")),
    "index": Target(index_seeds, model_folder(INDEX)),
    "config": Target(config_seeds, model_folder("config.json")),
    "direction": Target(direction_seeds, direction),
    "map": Target(map_seeds, saved_map),
    "lines": Target(lines_seeds, lines),
    **{name: Target(fuzz_texts.rules_seeds(name), fuzz_texts.rules(name)) for name in fuzz_texts.RULES},
    "settings": Target(fuzz_texts.settings_seeds, fuzz_texts.settings),
    "layers.json": Target(fuzz_texts.listed_seeds, fuzz_texts.listed),
    "passages": Target(fuzz_texts.passages_seeds, fuzz_texts.passages),
    **{name: Target(valid, run) for name, (valid, run) in HUB_TARGETS.items()},
}


@functools.cache
def seeds(name: str) -> tuple[bytes, ...]:
    """The valid files of a target; made once."""
    return tuple(TARGETS[name].seeds())


def strict(name: str, data: bytes, folder: Path) -> bool:
    """Run a target with warnings as errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return TARGETS[name].run(data, folder)
