"""A plugin's settings, read from its JSON Schema: as Meltano setting definitions, and as a table for a README.

The schema in the code is the only list of settings. Meltano aborts on a decimal that comes from the environment, so a
schema that asks for one is refused here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = {"integer": "integer", "boolean": "boolean", "array": "array", "object": "object", "string": "string"}


@dataclass(frozen=True)
class Setting:
    """One setting of a plugin.

    Attributes:
        default: a JSON value; None where there is none.
        options: the allowed values of a setting that is a choice.
    """

    name: str
    title: str
    kind: str
    description: str
    default: Any
    required: bool
    secret: bool
    options: tuple[str, ...]

    def for_meltano(self) -> dict[str, Any]:
        """Return the setting as meltano.yml and the Hub have it, keys in the order that Meltano writes them."""
        definition: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.default is not None:
            definition["value"] = self.default
        definition |= {"label": self.title, "description": self.description}
        if self.options:
            definition["options"] = [{"label": option, "value": option} for option in self.options]
        if self.secret:
            definition["sensitive"] = True
        return definition

    def row(self) -> str:
        """Return the setting as a row of a Markdown table."""
        kind = " \\| ".join(f"`{option}`" for option in self.options) or KIND_WORDS.get(self.kind, self.kind)
        default = (
            "**required**"
            if self.required
            else ""
            if self.default is None
            else f"`{in_cell(json.dumps(self.default))}`"
        )
        notes = " Secret." if self.secret else ""
        return f"| `{self.name}` | {kind} | {default} | {in_cell(self.description)}{notes} |"


KIND_WORDS = {"date_iso8601": "date-time", "array": "list"}


def in_cell(text: str) -> str:
    """Return a text as it can stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def kind_of(name: str, schema: Mapping[str, Any]) -> str:
    """Return Meltano's kind for a setting.

    Raises:
        ValueError: the setting is a decimal, or of no kind that Meltano has.
    """
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    types = [kind for kind in types if kind != "null"]
    if len(types) != 1 or types[0] not in KINDS:
        raise ValueError(f"setting {name}: Meltano cannot take {' or '.join(types)}")
    if types[0] == "string" and "enum" in schema:
        return "options"
    if schema.get("format") in {"date-time", "date"}:
        return "date_iso8601"
    return KINDS[types[0]]


def settings_of(schema: Mapping[str, Any]) -> list[Setting]:
    """Return the settings of a plugin's JSON Schema, in its order."""
    return [
        Setting(
            name=name,
            title=one.get("title") or name.replace("_", " ").capitalize(),
            kind=kind_of(name, one),
            description=" ".join(one["description"].split()),
            default=one.get("default"),
            required=name in schema.get("required", ()),
            secret=bool(one.get("secret")),
            options=tuple(option for option in one.get("enum", ()) if option is not None),
        )
        for name, one in schema["properties"].items()
    ]


def table(settings: list[Setting]) -> str:
    """Return the settings as a Markdown table."""
    return "\n".join(["| setting | type | default | meaning |", "|---|---|---|---|", *(one.row() for one in settings)])
