"""The command to type for a record that stands where it stands: the page itself changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_esputnik import fates

if TYPE_CHECKING:
    from target_esputnik.web.visit import Visit

NEVER: Final = frozenset({fates.ERASED})
"""Reasons of records that no command sends."""


def command_for(visit: Visit, stream: str, key: str, fate: str, reason: str | None) -> dict[str, str] | None:
    """The command that sends a record: its name for the words around it, a preview, and the same for good."""
    if reason in NEVER:
        return None
    name = {fates.HELD: "release", fates.REJECTED: "retry"}.get(fate)
    choice = f"--stream {stream} --id {key}"
    if name is None and stream == "orders" and fate in {fates.ACCEPTED, fates.BASELINE}:
        name, choice = "resend", f"--id {key}"
    if name is None:
        return None
    typed = visit.house.command(f"{name} {choice}", visit.scope.scope.shop)
    if typed is None:
        return None
    return {"name": name, "preview": typed, "for_good": f"{typed} --yes"}
