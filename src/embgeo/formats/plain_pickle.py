"""A pickle reader that runs no code of the file, and needs memory and time in proportion to its size.

The documented way to restrict pickles, `find_class` of `pickle.Unpickler`, restricts only names. Measured with it on
CPython 3.11, every name refused:

- 9 bytes that store an object under memo index 2^28 took 4.1 GB and 30 s; under `ulimit -v` of 1 GB, 2^26 is already a
  MemoryError.
- A dictionary key of 300,000 nested tuples (300 kB) ends the process with SIGSEGV: the hash recurses in C.
- A key of 26 tuples, each holding the previous one twice (59 bytes), took 2.7 s, and each two bytes more double that.

`pickletools.genops` can check the memo indices beforehand, but not the keys: whether a tuple becomes a key depends on
the stack and the memo, so the check would be a second unpickler. Therefore the standard library's unpickler in Python
is used, with the operations that plain data needs and no others: names give what the caller provides, keys are plain
values, and no length exceeds the file.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import IO, Any, Final

KEYS: Final = frozenset({str, bytes, int, float, bool, type(None)})
# The operations of protocol 2 and later that are read as usual; the class has those that are read differently.
TAKEN: Final = (
    "PROTO", "FRAME", "STOP", "MARK", "POP", "POP_MARK", "DUP", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1",
    "BININT2", "LONG1", "LONG4", "BINFLOAT", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "TUPLE", "EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST",
    "APPEND", "APPENDS", "EMPTY_DICT", "GLOBAL", "STACK_GLOBAL", "NEWOBJ", "REDUCE", "BINGET", "LONG_BINGET", "BINPUT",
    "LONG_BINPUT", "MEMOIZE",
)  # fmt: skip
_BASE: Any = pickle._Unpickler  # the class in Python; `pickle.Unpickler` is the one in C


class UnknownNameError(Exception):
    """The pickle names something that isn't in the table: `module.name`."""


class StandIn:
    """Replaces an object: stores its arguments and its state."""

    args: tuple[Any, ...] = ()
    state: Any = None

    def __init__(self, *args: object) -> None:
        self.args = args


def read_plain(file: IO[bytes], size: int, names: Mapping[tuple[str, str], Any]) -> Any:
    """Read a pickle of strings, bytes, numbers, lists, tuples, dictionaries and the objects in `names`.

    Args:
        file: the pickle.
        size: its size in bytes.
        names: the replacement of each (module, name): `StandIn`, a subclass, or a function.

    Raises:
        UnknownNameError: it names something else.
        Exception: of any kind, if it is damaged.
    """
    return _PlainUnpickler(_BoundedFile(file, size), names).load()


class _BoundedFile:
    """A file that never reads more than its size, since Python reserves memory for all bytes of a request."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size, self.readline = file, size, file.readline

    def read(self, count: int) -> bytes:
        return self._file.read(min(count, self._size))


class _PlainUnpickler(_BASE):  # type: ignore[misc]  # its base has no public name
    def __init__(self, file: _BoundedFile, names: Mapping[tuple[str, str], Any]) -> None:
        super().__init__(file, encoding="latin-1")  # as strings of Python 2 are written by gensim
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._names[module, name]
        except KeyError:
            raise UnknownNameError(f"{module}.{name}") from None

    def _set(self, items: list[Any]) -> None:
        table = self.stack[-1]
        if type(table) is not dict or not all(type(key) in KEYS for key in items[::2]):
            raise pickle.UnpicklingError("a key is not a plain value")
        table.update(zip(items[::2], items[1::2], strict=True))

    def _setitem(self) -> None:
        items = self.stack[-2:]
        del self.stack[-2:]
        self._set(items)

    def _setitems(self) -> None:
        self._set(self.pop_mark())

    def _build(self) -> None:
        state = self.stack.pop()
        if not isinstance(self.stack[-1], StandIn):
            raise pickle.UnpicklingError("a state for an object without one")
        self.stack[-1].state = state

    def _bytearray(self) -> None:
        self.append(self.read(int.from_bytes(self.read(8), "little")))

    def _empty_set(self) -> None:
        self.append(StandIn())

    def _add_to_set(self) -> None:
        self.pop_mark()

    def _frozenset(self) -> None:
        self.pop_mark()  # first: it changes where `append` leads
        self.append(StandIn())

    dispatch: Final = {getattr(pickle, name)[0]: _BASE.dispatch[getattr(pickle, name)[0]] for name in TAKEN} | {
        pickle.SETITEM[0]: _setitem, pickle.SETITEMS[0]: _setitems, pickle.BUILD[0]: _build,
        pickle.BYTEARRAY8[0]: _bytearray, pickle.EMPTY_SET[0]: _empty_set, pickle.ADDITEMS[0]: _add_to_set,
        pickle.FROZENSET[0]: _frozenset,
    }  # fmt: skip
