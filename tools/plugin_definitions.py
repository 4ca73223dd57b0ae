"""The definitions of both plugins as Meltano reads them, made from the packages themselves."""

import io
from importlib.metadata import metadata, version
from typing import Any

import click
from ruamel.yaml import YAML

from tap_horoshop.settings import CONFIG_JSONSCHEMA as TAP_SCHEMA
from tap_horoshop.tap import TapHoroshop
from target_esputnik.cli import main as ledger_command
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA as TARGET_SCHEMA
from target_esputnik.settings_schema import STREAMS
from target_esputnik.target import TargetEsputnik

from plugin_settings import Setting, settings_of

TAP_SETTINGS = settings_of(TAP_SCHEMA)
TARGET_SETTINGS = settings_of(TARGET_SCHEMA)


def ledger_commands() -> dict[str, dict[str, str]]:
    """Return every command of esputnik-ledger as a command of the loader."""
    if not isinstance(ledger_command, click.Group):
        raise TypeError("esputnik-ledger is expected to be a click group")
    return {
        name: {
            "args": name,
            "description": command.get_short_help_str(limit=120),
            "executable": "esputnik-ledger",
        }
        for name, command in sorted(ledger_command.commands.items())
        if not command.hidden
    }


def tap() -> dict[str, Any]:
    """Return what both forms of the tap's definition share."""
    return {
        "capabilities": sorted(capability.value for capability in TapHoroshop.capabilities),
        "settings_group_validation": [required(TAP_SETTINGS)],
        "settings": [setting.for_meltano() for setting in TAP_SETTINGS],
        "select": [f"{stream}.*" for stream in STREAMS],
    }


def target() -> dict[str, Any]:
    """Return what both forms of the target's definition share."""
    return {
        "capabilities": sorted(capability.value for capability in TargetEsputnik.capabilities),
        "settings_group_validation": [required(TARGET_SETTINGS)],
        "settings": [setting.for_meltano() for setting in TARGET_SETTINGS],
        "commands": ledger_commands(),
    }


def required(settings: list[Setting]) -> list[str]:
    """Return the names of the settings without which the plugin cannot start."""
    return [setting.name for setting in settings if setting.required]


def in_project() -> dict[str, Any]:
    """Return the `plugins` of meltano.yml: both packages from this folder, at the versions that the tests ran with."""
    locked, adapter = "-c requirements/plugins.txt", "-e ./singer-airbyte"
    return {
        "plugins": {
            "extractors": [head("tap-horoshop", f"{adapter} -e ./tap-horoshop {locked}") | tap()],
            "loaders": [head("target-esputnik", f"{adapter} -e ./target-esputnik[postgres,web] {locked}") | target()],
        }
    }


def head(name: str, pip_url: str) -> dict[str, Any]:
    """Return the lines that tell Meltano what the plugin is and where it comes from."""
    return {"name": name, "namespace": name.replace("-", "_"), "pip_url": pip_url, "executable": name}


def for_hub(name: str) -> dict[str, Any]:
    """Return a plugin's definition in the Hub's form, for `meltano add --from-ref`."""
    label, keywords, body = {
        "tap-horoshop": ("Horoshop", ["api", "e-commerce", "meltano_sdk"], tap),
        "target-esputnik": ("eSputnik (Yespo)", ["api", "cdp", "marketing", "meltano_sdk"], target),
    }[name]
    return {
        "name": name,
        "namespace": name.replace("-", "_"),
        "variant": "horoshop-esputnik",
        "label": label,
        "description": metadata(name)["Summary"],
        "pip_url": f"{name}=={version(name)}",
        "executable": name,
        "supported_python_versions": ["3.10", "3.11", "3.12", "3.13"],
        "keywords": keywords,
        "maintenance_status": "active",
        "quality": "unknown",  # the Hub asks for it, and rates by itself
        **body(),
    }


def as_yaml(content: dict[str, Any]) -> str:
    """Return YAML exactly as Meltano would write it, so that `meltano config set` changes no other line."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 10**9
    out = io.StringIO()
    yaml.dump(content, out)
    return out.getvalue()
