"""A reader of pickles that runs nothing, and makes nothing out of proportion to the file.

A pickle is a list of operations for a small machine. Some of them name any function of any module and have it called; a
few bytes of others make the standard library's reader in C reserve many gigabytes (the number under which an object is
to be remembered) or end the process (the hash of tuples a million deep). So its reader in Python is taken, with the
operations that plain data needs and no others: names stand for what the caller lays down, keys are plain values,
lengths end with the file.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import IO, Any, Final

KEYS: Final = frozenset({str, bytes, int, float, bool, type(None)})
# What pickles of protocol 2 and later are written with; those that are read another way stand in the class.
TAKEN: Final = (
    "PROTO", "FRAME", "STOP", "MARK", "POP", "POP_MARK", "DUP", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1",
    "BININT2", "LONG1", "LONG4", "BINFLOAT", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "TUPLE", "EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST",
    "APPEND", "APPENDS", "EMPTY_DICT", "GLOBAL", "STACK_GLOBAL", "NEWOBJ", "REDUCE", "BINGET", "LONG_BINGET", "BINPUT",
    "LONG_BINPUT", "MEMOIZE",
)  # fmt: skip
_BASE: Any = pickle._Unpickler  # the class in Python; `pickle.Unpickler` is the one in C


class UnknownName(Exception):  # noqa: N818  # what is refused is the name
    """The pickle names something that nothing is laid down for: `module.name`."""


class StandIn:
    """Stands for an object: keeps what it is made with, and the state that it is given."""

    args: tuple[Any, ...] = ()
    state: Any = None

    def __init__(self, *args: object) -> None:
        self.args = args


def read_plain(file: IO[bytes], size: int, names: Mapping[tuple[str, str], Any]) -> Any:
    """What a pickle holds: strings, bytes, numbers, lists, tuples, dictionaries, and what `names` makes of the rest.

    Args:
        file: the pickle.
        size: its bytes.
        names: for each (module, name) what stands for it: `Kept`, a class of that kind, or a function.

    Raises:
        Refused: it names something else.
        Exception: any, of a damaged one.
    """
    return _Machine(_Bounded(file, size), names).load()


class _Bounded:
    """A file that is never asked for more than it has."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size, self.readline = file, size, file.readline

    def read(self, count: int) -> bytes:
        return self._file.read(min(count, self._size))


class _Machine(_BASE):  # type: ignore[misc]  # its base has no public name
    def __init__(self, file: _Bounded, names: Mapping[tuple[str, str], Any]) -> None:
        super().__init__(file, encoding="latin-1")  # as strings of Python 2 are written by gensim
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._names[module, name]
        except KeyError:
            raise UnknownName(f"{module}.{name}") from None

    def _set(self, items: list[Any]) -> None:
        table = self.stack[-1]
        if type(table) is not dict or not all(type(key) in KEYS for key in items[::2]):
            raise pickle.UnpicklingError("a key is no plain value")
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
            raise pickle.UnpicklingError("a state is given to what has none")
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
