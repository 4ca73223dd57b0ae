"""A plugin's settings as the form that Airbyte shows: its `spec`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.plugin_base import PluginBase

PROTOCOL_VERSION: Final = "0.2.0"
DRAFT_07: Final = "http://json-schema.org/draft-07/schema#"
Json = dict[str, Any]


def own_settings(plugin: type[PluginBase]) -> dict[str, Json]:
    """A plugin's settings without those that the SDK adds to all: they make no sense in a form, but work if given."""
    builtin: Json = {"properties": {}}
    plugin.append_builtin_config(builtin)
    properties: dict[str, Json] = plugin.config_jsonschema["properties"]
    return {name: rule for name, rule in properties.items() if name not in builtin["properties"]}


def form_of(plugin: type[PluginBase], title: str) -> Json:
    """The JSON Schema (draft-07) of a plugin's own settings: titled, in order, with secrets marked."""
    properties = {
        name: {"title": name.replace("_", " ").capitalize(), **in_form(rule), "order": order}
        for order, (name, rule) in enumerate(own_settings(plugin).items())
    }
    return {
        "$schema": DRAFT_07,
        "title": title,
        "type": "object",
        "required": [name for name in plugin.config_jsonschema.get("required", []) if name in properties],
        "properties": properties,
        "additionalProperties": True,
    }


def in_form(rule: Mapping[str, Any]) -> Json:
    """One setting's rule in the words of Airbyte's form, which knows one type a field and no null."""
    shown = {name: value for name, value in rule.items() if name not in {"secret", "writeOnly", "nullable"}}
    if rule.get("secret") or rule.get("writeOnly"):
        shown["airbyte_secret"] = True
    if isinstance(rule.get("type"), list):
        kinds = [kind for kind in rule["type"] if kind != "null"]
        shown["type"] = kinds[0] if len(kinds) == 1 else kinds
    if isinstance(rule.get("enum"), list):
        shown["enum"] = [value for value in rule["enum"] if value is not None]
    if isinstance(rule.get("items"), dict):
        shown["items"] = in_form(rule["items"])
    if isinstance(rule.get("properties"), dict):
        shown["properties"] = {name: in_form(inner) for name, inner in rule["properties"].items()}
    return shown


def secrets_in(form: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    """The values of a configuration that nobody may read; of one that has the wrong type, all that is in it."""
    for name, rule in form["properties"].items():
        if name not in config:
            continue
        if rule.get("airbyte_secret"):
            yield from _texts(config[name])
        elif isinstance(config[name], dict) and isinstance(rule.get("properties"), dict):
            yield from secrets_in(rule, config[name])


def _texts(value: Any) -> Iterator[str]:
    """All that a value says: a secret may be given as something else than text, and is one all the same."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        yield from (text for inner in value for text in _texts(inner))
    elif value is not None and not isinstance(value, bool):
        yield str(value)
