"""The Meltano file of all shops: for each its two plugins, its job and its schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from horoshop_esputnik_fleet.names import TAP, TARGET, job_of, key_variable, plugin_of, variable_of
from horoshop_esputnik_fleet.yaml_text import as_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from horoshop_esputnik_fleet.shop import Shop

MARK: Final = "# Made by `horoshop-shops generate` from shops.yml: change that, not this.\n"
"""The first line, by which the file is known as ours to write."""


def generated(shops: Sequence[Shop]) -> str:
    """The text of the file."""
    content = {
        "plugins": {
            "extractors": [_plugin(TAP, shop, _tap(shop)) for shop in shops],
            "loaders": [_plugin(TARGET, shop, _target(shop)) for shop in shops],
        },
        "jobs": [{"name": job_of(shop.name), "tasks": [_pair(shop)]} for shop in shops],
        "schedules": [
            {"name": job_of(shop.name), "interval": shop.interval, "job": job_of(shop.name)} for shop in shops
        ],
    }
    return MARK + as_yaml(content)


def _pair(shop: Shop) -> str:
    return f"{plugin_of(TAP, shop.name)} {plugin_of(TARGET, shop.name)}"


def _plugin(plugin: str, shop: Shop, config: dict[str, Any]) -> dict[str, Any]:
    return {"name": plugin_of(plugin, shop.name), "inherit_from": plugin, "config": config}


def _tap(shop: Shop) -> dict[str, Any]:
    # What a shop must have is always written. A setting that is not would be inherited: from a TAP_HOROSHOP_PASSWORD
    # that belongs to another shop. A variable that is named and absent leaves the setting empty, and the tap says so.
    named = {name: f"${variable_of(TAP, shop.name, name)}" for name in ("username", "password")}
    return {**named, **shop.tap}


def _target(shop: Shop) -> dict[str, Any]:
    own = {"api_key": f"${key_variable(shop.account)}", "shop": shop.name, "external_id_prefix": shop.prefix}
    return {**own, **shop.target}
