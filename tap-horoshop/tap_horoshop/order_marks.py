"""Pure: small numbers for very many orders, in a few bytes each, and orders as text.

An order's number and a mark of it in a dictionary take a hundred bytes; a shop may have a million orders.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_BITS: Final = 6
_PAGE: Final = array("I", bytes(array("I").itemsize << _BITS))
_IN_PAGE: Final = (1 << _BITS) - 1


class OrderMarks:
    """A mark, 0 or more, of every order; 0 of those that have none.

    Orders are numbered one after another, so that neighbours lie side by side and take five bytes each. Numbers that
    lie far from each other take a few hundred bytes each.
    """

    def __init__(self) -> None:
        self._pages: dict[int, array[int]] = {}

    def __getitem__(self, number: int) -> int:
        page = self._pages.get(number >> _BITS)
        return page[number & _IN_PAGE] if page is not None else 0

    def __setitem__(self, number: int, mark: int) -> None:
        page = self._pages.get(number >> _BITS)
        if page is None:
            page = self._pages[number >> _BITS] = _PAGE[:]
        page[number & _IN_PAGE] = mark

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield every number that has a mark, and its mark, from the smallest number on."""
        for key in sorted(self._pages):
            first = key << _BITS
            for place, mark in enumerate(self._pages[key]):
                if mark:
                    yield first + place, mark


class Ranges:
    """Numbers, told from the smallest on, as the text `1-3,7`."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._first: int | None = None
        self._last = 0

    def add(self, number: int) -> None:
        """Take in a number."""
        if self._first is None or number != self._last + 1:
            self._end()
            self._first = number
        self._last = number

    def __str__(self) -> str:
        self._end()
        self._first = None
        return ",".join(self._done)

    def _end(self) -> None:
        if self._first is not None:
            self._done.append(str(self._first) if self._first == self._last else f"{self._first}-{self._last}")
