"""All shops of the ledger side by side, each with the way to its own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_esputnik import fates
from target_esputnik.cli.run_record import failed_outside, known_to_meltano
from target_esputnik.cli.verdicts import verdict_of
from target_esputnik.ledger.overview import all_shops
from target_esputnik.ledger.standing import STREAMS
from target_esputnik.web.run_pages import kind_of
from target_esputnik.web.visit import SHOP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_esputnik.ledger.overview import ShopStand
    from target_esputnik.meltano_runs import MeltanoRun
    from target_esputnik.web.visit import Visit

SHOWN: Final = (fates.ACCEPTED, fates.HELD, fates.REJECTED)


def view(visit: Visit) -> Mapping[str, Any]:
    """What the template `shops.html` is filled in with."""
    stands = all_shops(visit.ledger)
    known = known_to_meltano([stand.run for stand in stands if stand.run])
    return {"lines": [_line(visit, stand, known) for stand in stands], "streams": STREAMS, "fates": SHOWN}


def _line(visit: Visit, stand: ShopStand, known: dict[str, MeltanoRun]) -> dict[str, Any]:
    shop, run = {SHOP: stand.known.id}, stand.run
    outside = run is not None and failed_outside(run, known)
    return {
        "known": stand.known,
        "href": visit.link("/", **shop),
        "run": run,
        "kind": kind_of(run, at_work=stand.at_work, outside=outside) if run else None,
        "verdict": verdict_of(run, at_work=stand.at_work, failed_outside=outside).sentence if run else None,
        "run_href": visit.link(f"/run/{run.number}", **shop) if run else None,
        "cells": [
            {
                "stream": stream,
                "fate": fate,
                "count": stand.counts[stream, fate],
                "href": visit.link(f"/{stream}", result=fate, period="all", **shop),
            }
            for stream in STREAMS
            for fate in SHOWN
        ],
    }
