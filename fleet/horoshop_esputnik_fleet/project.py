"""The Meltano project that the shops belong to: what a person wrote in it, and the file that is ours."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Final

from horoshop_esputnik_fleet.generated import MARK
from horoshop_esputnik_fleet.names import TAP, TARGET, job_of, plugin_of
from horoshop_esputnik_fleet.shop import ShopsError
from horoshop_esputnik_fleet.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from horoshop_esputnik_fleet.shop import Shop

PROJECT: Final = "meltano.yml"
PARENTS: Final = {"extractors": TAP, "loaders": TARGET}


class Project:
    """A Meltano project's files.

    Args:
        folder: that of meltano.yml.
        output: the generated file's name in it.

    Raises:
        ShopsError: meltano.yml, or a file that it includes, cannot be read.
    """

    def __init__(self, folder: Path, output: str) -> None:
        self.folder = folder
        self.path = folder / output
        meltano = _mapping(read_yaml(folder / PROJECT))
        patterns = [pattern for pattern in _listed(meltano, "include_paths") if isinstance(pattern, str)]
        included = {path.resolve() for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
        self._included = self.path.resolve() in included or any(self._means_ours(pattern) for pattern in patterns)
        self._by_hand = {PROJECT: meltano}
        for path in sorted(included - {self.path.resolve(), (folder / PROJECT).resolve()}):
            self._by_hand[path.name] = _mapping(read_yaml(path))

    def _means_ours(self, pattern: str) -> bool:
        """Whether a pattern of `include_paths` is the name of our file, which may not be there yet."""
        return (self.folder / pattern).resolve() == self.path.resolve()

    def problems(self, shops: Sequence[Shop]) -> Iterator[str]:
        """What stands in the way: a name that is taken, a plugin to inherit from that is absent."""
        taken = dict(self._names())
        for kind, parent in PARENTS.items():
            if (kind, parent) not in taken:
                yield f"{PROJECT}: has no plugin {parent} to inherit from; add it first"
        for shop in shops:
            names = [(kind, plugin_of(parent, shop.name)) for kind, parent in PARENTS.items()]
            for kind, name in [*names, ("jobs", job_of(shop.name)), ("schedules", job_of(shop.name))]:
                if (kind, name) in taken:
                    yield f"{taken[kind, name]}: has {name} among its {kind}; the shop {shop.name} needs that name"
        if self.path.exists() and not self.present().startswith(MARK):
            yield f"{self.path.name}: was not made by this command; move it away, or choose another --output"

    def advice(self) -> str | None:
        """What a person has to add to meltano.yml; None where nothing is missing."""
        if self._included:
            return None
        return f"{PROJECT} does not include it yet. Add:\n\ninclude_paths:\n- ./{self.path.name}"

    def present(self) -> str:
        """The text of our file; "" where there is none.

        Raises:
            ShopsError: it cannot be read.
        """
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise ShopsError([f"{self.path.name}: it cannot be read ({type(error).__name__})"]) from None

    def write(self, text: str) -> None:
        """Write our file, whole or not at all: Meltano may read it meanwhile.

        Raises:
            ShopsError: it cannot be written.
        """
        draft = self.path.with_name(f".{self.path.name}.part")
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise ShopsError([f"{self.path.name}: it cannot be written ({type(error).__name__})"]) from None

    def _names(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield what is called how in which file that a person wrote: ((kind, name), file)."""
        for file, content in self._by_hand.items():
            plugins = _mapping(content.get("plugins"))
            lists = {kind: _listed(plugins, kind) for kind in PARENTS}
            lists |= {kind: _listed(content, kind) for kind in ("jobs", "schedules")}
            for kind, entries in lists.items():
                yield from (((kind, str(_mapping(entry).get("name"))), file) for entry in entries)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(content: dict[str, Any], key: str) -> list[Any]:
    value = content.get(key)
    return value if isinstance(value, list) else []
