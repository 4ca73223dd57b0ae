"""Settings from the environment: `TARGET_ESPUTNIK_<SETTING>`, lists and objects as JSON.

The Singer SDK reads them, too, but shows a value that it cannot read, and loads a `.env` that it finds near its own
files; an owner's `.env` must never reach a test or a demo.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.errors import ConfigProblem
from target_esputnik.language import together
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA
from target_esputnik.words import said

if TYPE_CHECKING:
    from target_esputnik.language import Said

PREFIX: Final = "TARGET_ESPUTNIK_"
_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off", ""})


def config_from_environment(schema: dict[str, Any] = CONFIG_JSONSCHEMA) -> dict[str, Any]:
    """The settings that the environment holds; an empty variable counts as not set.

    Raises:
        ConfigProblem: naming each variable that cannot be read, without its value.
    """
    config: dict[str, Any] = {}
    problems: list[Said] = []
    for name, setting in schema["properties"].items():
        text = os.environ.get(PREFIX + name.upper())
        if text is None or text == "":
            continue
        kind = _kind(setting)
        try:
            config[name] = _value(text, kind)
        except ValueError:
            problems.append(said("setting.environment", where=name, variable=PREFIX + name.upper(), types=kind))
    if problems:
        raise ConfigProblem("config", problems=together(problems))
    return config


def _kind(setting: dict[str, Any]) -> str:
    kinds = setting.get("type", "string")
    names = [kinds] if isinstance(kinds, str) else [name for name in kinds if name != "null"]
    return str(names[0])


def _value(text: str, kind: str) -> Any:
    if kind == "integer":
        return int(text)
    if kind == "boolean":
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise ValueError
    if kind in {"array", "object"}:
        value = json.loads(text)
        if not isinstance(value, list if kind == "array" else dict):
            raise ValueError
        return value
    return text
