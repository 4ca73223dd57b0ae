"""YAML in and out: read without a guess, written as Meltano writes it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from horoshop_esputnik_fleet.shop import ShopsError

if TYPE_CHECKING:
    from pathlib import Path

WIDEST: Final = 10**9


class _Plain(SafeConstructor):
    """A moment stays the text that was typed: as a value of Python it would lose its offset."""


_Plain.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def read_yaml(path: Path) -> Any:
    """The value of a YAML file.

    Raises:
        ShopsError: it cannot be read. The parser's own words are not repeated: they quote the file, which may hold
            a password that does not belong there.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Plain
    try:
        return yaml.load(path.read_text(encoding="utf-8"))
    except DuplicateKeyError as error:
        raise ShopsError([f"{path.name}, line {_line(error)}: something has this name already"]) from None
    except MarkedYAMLError as error:
        raise ShopsError([f"{path.name}, line {_line(error)}: this is no YAML"]) from None
    except (YAMLError, UnicodeDecodeError):
        raise ShopsError([f"{path.name}: this is no YAML in UTF-8"]) from None
    except FileNotFoundError:
        raise ShopsError([f"{path.name}: there is no such file in {path.parent}"]) from None
    except OSError as error:
        raise ShopsError([f"{path.name}: it cannot be read ({type(error).__name__})"]) from None


def _line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def as_yaml(content: dict[str, Any]) -> str:
    """YAML exactly as Meltano would write it, so that a change of one setting changes one line."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = WIDEST
    out = io.StringIO()
    yaml.dump(content, out)
    return out.getvalue()
