"""What every record ends in, and why: names that the ledger, the CLI, the page and the docs share."""

from __future__ import annotations

from typing import Final

ACCEPTED: Final = "accepted"
UNCHANGED: Final = "unchanged"
BASELINE: Final = "baseline"
HELD: Final = "held"
REJECTED: Final = "rejected"
SUPERSEDED: Final = "superseded"

FATES: Final[dict[str, str]] = {
    ACCEPTED: "eSputnik took it.",
    UNCHANGED: "Nothing about it that is sent has changed since it was last accepted or recorded.",
    BASELINE: "Recorded, not sent: it is from before the integration was live, or its switch is off.",
    HELD: "It waits, with its content kept, for what its reason names.",
    REJECTED: "It cannot be sent as it is; a changed version is tried again by itself.",
    SUPERSEDED: "A newer version of the same record came in the same run.",
}

# held
BACKLOG: Final = "backlog"
UNMAPPED_STATUS: Final = "unmapped_status"
BUYER_NOT_DELIVERED: Final = "buyer_not_delivered"
DELETED_THERE: Final = "deleted_there"
ERASED: Final = "erased"
IN_DOUBT: Final = "in_doubt"
UNAVAILABLE: Final = "unavailable"
UNFINISHED: Final = "unfinished"
# rejected
NO_IDENTITY: Final = "no_identity"
INVALID: Final = "invalid"
REFUSED: Final = "refused"
NOT_TAKEN: Final = "not_taken"
# baseline
BEFORE_LIVE: Final = "before_live_since"
LEDGER_LOST: Final = "ledger_lost"
SWITCHED_OFF: Final = "switched_off"

REASONS: Final[dict[str, tuple[str, str, str]]] = {
    BACKLOG: (HELD, "The run's time was up, or it is not reached yet.", "Goes by itself in the next run."),
    UNMAPPED_STATUS: (
        HELD,
        "The shop's status has no eSputnik status.",
        "Map it by order_status_mapping; it then goes by itself when held for less than 3 days, else by `release`.",
    ),
    BUYER_NOT_DELIVERED: (
        HELD,
        "Its buyer is not in eSputnik yet, and the order would create him there as confirmed.",
        "Goes by itself once the buyer is delivered; see the buyer's own reason.",
    ),
    DELETED_THERE: (
        HELD,
        "The contact was deleted in eSputnik.",
        "It is never made again; `release` it if it should be.",
    ),
    ERASED: (HELD, "The person was erased on request.", "Nothing to do."),
    IN_DOUBT: (
        HELD,
        "Its request got no answer: eSputnik may have taken it or not.",
        "Goes again by itself with in_doubt_orders: resend; else look in eSputnik, then `release` what is not there.",
    ),
    UNAVAILABLE: (HELD, "eSputnik was not available.", "Goes by itself in the next run."),
    UNFINISHED: (HELD, "Only a part of its statuses was sent, or its import is not over.", "Goes on in the next run."),
    NO_IDENTITY: (REJECTED, "It has no usable email and no usable phone.", "Correct it in the shop."),
    INVALID: (REJECTED, "A field is not of the kind that it must be.", "See its answer; correct the tap or the shop."),
    REFUSED: (REJECTED, "eSputnik refused it.", "See its answer; correct it in the shop, or `retry`."),
    NOT_TAKEN: (REJECTED, "The import ended, but eSputnik does not have the contact.", "`retry` it."),
    BEFORE_LIVE: (BASELINE, "It was created before live_since.", "Sent when its status changes, or by `resend`."),
    LEDGER_LOST: (
        BASELINE,
        "The ledger was lost or old, so it is not known whether it was sent.",
        "Sent when its status changes, or by `resend`.",
    ),
    SWITCHED_OFF: (BASELINE, "receive_contacts or receive_orders is off.", "Nothing to do."),
}
"""By name: the fate it belongs to, what it means, what follows."""
