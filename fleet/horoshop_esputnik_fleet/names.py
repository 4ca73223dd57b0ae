"""What a shop's plugins, job and variables are called: one rule for all, so that nobody has to choose names."""

from __future__ import annotations

import re
from typing import Final

TAP: Final = "tap-horoshop"
TARGET: Final = "target-esputnik"
NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""A shop or an account. Without `_` and `--` two names never make the same variable."""

LONGEST: Final = 40


def is_name(text: str) -> bool:
    """Whether a shop or an account may be called so."""
    return NAME.fullmatch(text) is not None and len(text) <= LONGEST


def plugin_of(plugin: str, shop: str) -> str:
    """The plugin of a shop that inherits from `tap-horoshop` or `target-esputnik`."""
    return f"{plugin}--{shop}"


def job_of(shop: str) -> str:
    """A shop's job, and the schedule of it."""
    return f"shop-{shop}"


def variable_of(plugin: str, shop: str, setting: str) -> str:
    """The variable from which Meltano reads a setting of a shop's plugin; `meltano config set` writes it, too."""
    return _upper(f"{plugin_of(plugin, shop)}_{setting}")


def key_variable(account: str) -> str:
    """The variable of an account's API key, which its shops share."""
    return _upper(f"esputnik_{account}_api_key")


def _upper(text: str) -> str:
    return text.replace("-", "_").upper()
