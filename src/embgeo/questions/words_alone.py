"""The vocabulary's whole words, each run alone through the layers, to compare a word in its text with.

All of them are run once in float32 and stored as unit vectors in float16, which give candidates; the few that an answer
shows are run again at its own precision. They are written a portion at a time, so that interrupted work is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, Report, waiting
from embgeo.formats.atomic import storing
from embgeo.formats.safetensors import file_head, map_tensor, read_header
from embgeo.formats.token_marks import WORD
from embgeo.models import locks, places
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F32, Ids, as_bytes, to_float32
from embgeo.questions.running import Runner, portions, runner
from embgeo.questions.workers import side_by_side
from embgeo.transformer.activations import Floats, row_pieces
from embgeo.vocabulary.running_text import read_texts

SAMPLE_WORDS: Final = 100  # words whose mean cosine is that of unrelated words
WORDS_AT_ONCE: Final = 512  # words that are run before they are written, fewer the larger their states
MIN_PORTION: Final = 64
MAX_NUMBERS: Final = 1 << 22  # in these states, unless so few words have more
PORTIONS: Final = "part-{depth}-{step}-{at}.safetensors"
EXTRA_CANDIDATES: Final = 4  # float16 may order candidates otherwise, and one of them is the word itself


def whole_words(model: Model) -> list[str]:
    """The vocabulary's whole words of letters, each spelling once."""
    table = model.vocabulary.table
    rows = np.flatnonzero(table.flags & WORD)
    return list(dict.fromkeys(table.key(row).decode().strip() for row in rows.tolist()))


def states_alone(ready: Runner, words: list[str]) -> Floats:
    """The states of words run alone [depth + 1, words, dims]: the mean over each word's own tokens."""
    read = read_texts(ready.model.vocabulary, words)
    own = [np.array([n for n, (start, stop) in enumerate(one.spans) if stop > start] or [0]) for one in read]
    states = np.empty((ready.depth + 1, len(words), ready.transformer.settings.width))
    for part in portions([len(one.ids) for one in read]):
        begins = np.cumsum([0, *(len(read[number].ids) for number in part[:-1])])  # [part] each text's first token
        rows = np.concatenate([begin + own[number] for begin, number in zip(begins, part, strict=True)])
        counts = np.array([len(own[number]) for number in part])
        firsts = np.cumsum([0, *counts[:-1]])
        for layer, found in enumerate(ready.run([np.array(read[n].ids) for n in part])):
            # [tokens, dims] -> [own tokens, dims] -> [part, dims]
            states[layer, part] = np.add.reduceat(found[rows], firsts) / counts[:, None]
    return states


def states_in_a_row(ready: Runner, words: list[str]) -> Floats:
    """The states of words run as one text [depth + 1, tokens, dims], without the first token: it is unlike others."""
    limit = ready.transformer.settings.limit
    read = read_texts(ready.model.vocabulary, [" ".join(words)], limit=limit, cut=True)[0]
    return ready.states(read)[:, 1:]  # [depth + 1, tokens - 1, dims]


def unrelated_cosines(ready: Runner) -> Floats | None:
    """The mean cosine of unrelated words at each layer [depth + 1]: of a sample of the vocabulary, always the same.

    None for a vocabulary without two whole words, such as one of letters.
    """
    words = whole_words(ready.model)
    if len(words) < 2:
        return None
    few = [words[n] for n in np.random.default_rng(0).choice(len(words), min(SAMPLE_WORDS, len(words)), replace=False)]
    states = (states_in_a_row if ready.transformer.settings.family.causal else states_alone)(ready, few)
    units = states / np.linalg.norm(states, axis=-1, keepdims=True)  # [depth + 1, words, dims]
    count = units.shape[1]
    total = np.square(units.sum(axis=1)).sum(axis=-1)  # [depth + 1] the sum of all cosines, with themselves too
    mean: Floats = (total - count) / (count * (count - 1))
    return mean


def candidates(ready: Runner, states: Floats, k: int, report: Report) -> list[list[Ids]]:
    """The words whose states alone come nearest to some states, by the stored vectors.

    Args:
        states: [depth + 1, states, dims].

    Returns:
        For each chosen layer and each state, the numbers of k words and a few more; none in a vocabulary without words.
    """
    if not whole_words(ready.model):  # nothing to store, and nothing to list
        return [[np.empty(0, np.intp)] * states.shape[1] for _ in ready.chosen]
    file = words_file(ready, report)
    tensors = read_header(file).tensors
    found = []
    for layer in ready.chosen:
        units = np.asarray(map_tensor(file, tensors[f"layer.{layer}"]))  # [words, dims]
        some = states[layer].astype(np.float32)
        # [states, dims] @ [dims, part] -> [states, part], together [states, words]
        cosines = np.concatenate([some @ to_float32(units[part], "F16").T for part in row_pieces(units)], axis=1)
        found.append([np.argsort(-row, kind="stable")[: k + EXTRA_CANDIDATES] for row in cosines])
    return found


def words_file(ready: Runner, report: Report) -> Path:
    """The file of all words' unit vectors, made the first time it is needed, and again if more layers are."""
    place = places.texts_place(ready.model.place, ready.files.identity(ready.model))
    file = place / places.WORDS_ALONE
    if _reaches(file, ready.depth):
        return file
    with locks.lock(place, waiting(report, "runs the vocabulary")):
        if not _reaches(file, ready.depth):
            _write(ready.model, ready.depth, file, report)
    return file


def _reaches(file: Path, depth: int) -> bool:
    try:
        return f"layer.{depth}" in read_header(file).tensors
    except (OSError, FormatError):
        return False


def _write(model: Model, depth: int, file: Path, report: Report) -> None:
    """Run all words and write the file, one portion after another; portions on disk are not run again."""
    ready, words = runner(model, "float32", layers=f"0-{depth}"), whole_words(model)
    step = _portion(ready)
    starts = range(0, len(words), step)
    parts = [file.with_name(PORTIONS.format(depth=depth, step=step, at=at)) for at in starts]
    missing = [
        (part, words[at : at + step]) for part, at in zip(parts, starts, strict=True) if not _reaches(part, depth)
    ]
    done = len(words) - sum(len(some) for _, some in missing)
    for (part, some), units in side_by_side(lambda one: _units(ready, one[1]), missing):
        with storing(part) as out:
            out.write(_head(depth, units.shape[1:]))
            out.write(as_bytes(units))
        done += len(some)
        report("Running the vocabulary's words", done, len(words), "words")
    ready.files.check_current()
    _join(parts, file, depth, (len(words), ready.transformer.settings.width))


def _portion(ready: Runner) -> int:
    """How many words to run before they are written."""
    return min(WORDS_AT_ONCE, max(MIN_PORTION, MAX_NUMBERS // ((ready.depth + 1) * ready.transformer.settings.width)))


def _units(ready: Runner, words: list[str]) -> NDArray[np.float16]:
    """The states of words run alone, at length 1 [depth + 1, words, dims]."""
    states = states_alone(ready, words)
    states /= np.linalg.norm(states, axis=-1, keepdims=True)
    return states.astype(np.float16)


def _join(parts: list[Path], file: Path, depth: int, shape: tuple[int, ...]) -> None:
    """Write one file from all portions, layer after layer, and remove them and those of older runs."""
    tensors = [(part, read_header(part).tensors) for part in parts]
    with storing(file) as out:
        out.write(_head(depth, shape))
        for layer in range(depth + 1):
            out.writelines(as_bytes(np.asarray(map_tensor(part, found[f"layer.{layer}"]))) for part, found in tensors)
    for part in file.parent.glob(PORTIONS.format(depth="*", step="*", at="*")):
        part.unlink(missing_ok=True)


def _head(depth: int, shape: tuple[int, ...]) -> bytes:
    return file_head({f"layer.{layer}": ("F16", shape) for layer in range(depth + 1)}, {})


def cosines_with(states: F32 | Floats, others: Floats) -> Floats:
    """Cosines [states, others] of states [states, dims] with others [others, dims]."""
    units = states / np.linalg.norm(states, axis=-1, keepdims=True)
    cosines: Floats = units @ (others / np.linalg.norm(others, axis=-1, keepdims=True)).T
    return cosines
