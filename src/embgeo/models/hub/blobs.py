"""The size and digest that the Hub lists for a file, and whether bytes match them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

OID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
SHA1_DIGITS: Final = 40  # hexadecimal digits of a git blob's SHA-1; SHA-256 has 64


class Blob(NamedTuple):
    """A file's size, -1 if it is not listed, and its digest, empty if none is: SHA-256 (LFS), or SHA-1 as git's."""

    size: int = -1
    oid: str = ""

    def fits(self, size: int, pieces: Iterable[bytes]) -> bool:
        """Whether content of this size matches the listing, as far as the listing goes."""
        if self.size not in (-1, size):
            return False
        if not self.oid:
            return True
        digest = self.hasher(size)
        for piece in pieces:
            digest.update(piece)
        return digest.hexdigest() == self.oid

    def hasher(self, size: int) -> hashlib._Hash:
        """A hash object of the listed digest's kind, to be updated with content of this size."""
        if len(self.oid) == SHA1_DIGITS:
            return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        return hashlib.sha256()


UNKNOWN: Final = Blob()


def listed_blob(entry: Mapping[str, Any]) -> Blob:
    """A file's blob in the Hub's list of files; for an LFS file, that of the content and not of its pointer."""
    lfs = entry.get("lfs")
    facts, key = (lfs, "sha256") if isinstance(lfs, dict) else (entry, "blobId")
    size, oid = facts.get("size"), facts.get(key)
    natural = size if isinstance(size, int) and size >= 0 else -1
    return Blob(natural, oid if isinstance(oid, str) and OID.fullmatch(oid) else "")


def blob_in_headers(headers: Iterable[Mapping[str, str]]) -> Blob:
    """The blob according to the headers of a response and of the redirects before it, if they are the Hub's own."""
    for one in headers:
        etag = one.get("x-linked-etag") or (one.get("etag") if "x-repo-commit" in one else "") or ""
        if OID.fullmatch(oid := etag.removeprefix("W/").strip('"')):
            return Blob(-1, oid)
    return UNKNOWN
