"""The words of a prepared model that begin with some letters, read where they lie and without NumPy.

They are needed at every keystroke: two bisections over the mapped file, and a check of the flags in between.
"""

from __future__ import annotations

import heapq
import json
import mmap
from bisect import bisect_left
from pathlib import Path
from typing import Final, Literal

from embgeo.formats.token_marks import ABSENT, BYTE, SPECIAL, key_of

PREFIX: Final = 8  # bytes of a safetensors file before its header
HIDDEN: Final = SPECIAL | BYTE | ABSENT
PAST: Final = b"\xff"  # sorts after every character in UTF-8


def words_beginning(prepared: Path, beginning: str, most: int) -> list[str]:
    """Whole words that begin so, lowest rows first: in most vocabularies those are the most frequent.

    Args:
        prepared: the file that `store.write_prepared` writes.
        beginning: read in small letters where the model's tokenizer does so; never empty.

    Raises:
        what `UNREADABLE` of `models/completion.py` lists: the file is missing or damaged.
    """
    with prepared.open("rb") as file:
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    start = PREFIX + int.from_bytes(whole[:PREFIX], "little")
    header = json.loads(bytes(whole[PREFIX:start]))
    scheme = json.loads(header["__metadata__"]["embgeo"])["scheme"]

    def view(name: str, item: Literal["I", "B"]) -> memoryview[int]:
        first, last = header[name]["data_offsets"]
        return whole[start + first : start + last].cast(item)

    order, starts, texts, flags = view("order", "I"), view("text_starts", "I"), view("texts", "B"), view("flags", "B")

    def key(token: int) -> bytes:
        return key_of(bytes(texts[starts[token] : starts[token + 1]]), scheme["mark"])

    wanted = b" " + (beginning.lower() if scheme.get("lowercase") else beginning).encode()
    low = bisect_left(order, wanted, key=key)
    high = bisect_left(order, wanted + PAST, low, key=key)
    tokens = heapq.nsmallest(most, (token for token in order[low:high].tolist() if not flags[token] & HIDDEN))
    words = (key(token)[1:].decode("utf-8", "replace") for token in tokens)
    return [word for word in words if word.isprintable() and not any(map(str.isspace, word))]
