"""Every error of the tap: what happened, and what to do. `errors.py` raises from this table.

A row's name says the case; its code is that of the class in `errors.py` that it is raised as, with the exit code. The
documents are made from it (docs/errors.md), and every sentence is translated (`locale/`). Texts in braces are filled
in where the error is raised; none of them may be a setting's value or anything of a customer.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """One case: the error's code, the cause in words, and what its reader does next."""

    code: str
    cause: str
    action: str


_BY_ITSELF = "The next run goes on from the bookmark."
_ANOTHER_STATE = "Pass the state that the last run wrote, or none (`meltano run --full-refresh …`)."
_RIGHT = "Give the admin user of `username` the right to use the API."
_REPORT = "If the next run fails too, please report it with this line."

CATALOGUE: Final[dict[str, Entry]] = {
    # ---------------------------------------------------------------- settings and state
    "settings_invalid": Entry("settings_invalid", "{problems}.", "`tap-horoshop --about` lists the settings."),
    "state_form": Entry("state_invalid", "The state is not a Singer state with bookmarks.", _ANOTHER_STATE),
    "state_json": Entry("state_invalid", "The file of --state is not a JSON object.", _ANOTHER_STATE),
    "state_date": Entry("state_invalid", "{key} of the stream {stream} is not a date.", _ANOTHER_STATE),
    "state_followed": Entry("state_invalid", "The followed orders in the state are not an object.", _ANOTHER_STATE),
    "state_ids": Entry("state_invalid", "The followed orders in the state are not ids.", _ANOTHER_STATE),
    # ---------------------------------------------------------------- the user
    "wrong_credentials": Entry(
        "wrong_credentials",
        "The shop refused the user name and password.",
        "Check `username` and `password`: an admin user of the shop (Settings → Admins), not a customer.",
    ),
    "not_allowed": Entry("access_refused", "The shop does not let this user call the API.", _RIGHT),
    "method_not_allowed": Entry("access_refused", "The shop does not let this user call {method}.", _RIGHT),
    "refused_after_login": Entry("access_refused", "The shop refused {method} right after a good login.", _RIGHT),
    "login_refused": Entry("access_refused", "The shop refused the login.", _RIGHT),
    "forbidden": Entry(
        "access_refused",
        "The shop, or a protection in front of it, answers HTTP 403.",
        "Give the admin user of `username` the right to use the API; if it has, set another `user_agent`, or ask "
        "Horoshop's support to let this machine in.",
    ),
    # ---------------------------------------------------------------- the address
    "not_a_shop": Entry(
        "not_a_shop",
        "What answers at `site_url` is not the API of a Horoshop shop.",
        "Check `site_url`: it is the address of the shop itself. If it is right, a protection in front of the shop may "
        "want a browser's name in `user_agent`.",
    ),
    "unusable_address": Entry(
        "not_a_shop",
        "The address in `site_url` cannot be used.",
        "Check `site_url`: it is the address of the shop itself, without a path.",
    ),
    "unknown_host": Entry(
        "unknown_host",
        "The host in `site_url` is not known to any name server.",
        "Check `site_url`: it is the address of the shop itself, without a path.",
    ),
    "private_host": Entry(
        "private_host",
        "The address in `site_url` belongs to a private network.",
        "Set `allow_private_hosts` if that is meant.",
    ),
    "redirected": Entry(
        "redirected",
        "The address in `site_url` redirects elsewhere; credentials are not sent after a redirect.",
        "Open the shop in a browser and copy the address it ends at, if it is your shop.",
    ),
    "api_off": Entry(
        "api_off",
        "There is no API at `site_url`: it is switched off, or this is not the shop's address.",
        "Check `site_url`, and ask Horoshop's support to switch the API on.",
    ),
    "certificate": Entry(
        "certificate",
        "The certificate of the shop cannot be trusted, or it does not speak TLS.",
        "Check `site_url`; if your network has its own authority, set `ca_bundle`.",
    ),
    "method_missing": Entry(
        "method_missing",
        "This shop's version of Horoshop has no {method}.",
        "Ask Horoshop's support to update the shop.",
    ),
    # ---------------------------------------------------------------- heals by itself
    "no_good_answer": Entry(
        "shop_unavailable",
        "The shop gave no good answer to {method} in {tries}; the last was {reason}.",
        _BY_ITSELF,
    ),
    "stopped": Entry("shop_unavailable", "The run was stopped.", _BY_ITSELF),
    "unexpected_answer": Entry("answer_unexpected", "The shop answered {method} with {answer}.", _REPORT),
    "other_rows": Entry("answer_unexpected", "The shop answered {method} by ids with other rows.", _REPORT),
    "no_rows": Entry(
        "answer_unexpected", "The shop answered {method} without rows, and did not say that there are none.", _REPORT
    ),
    "too_large": Entry(
        "answer_unexpected", "The shop's answer is larger than {megabytes} MB.", "Set a smaller `page_size`."
    ),
    "offset_ignored": Entry(
        "paging_inconsistent",
        "The pages of {method} within one second do not make one list: the shop ignores `offset`, or orders its rows "
        "anew for each page.",
        "If the next run fails too, try another `page_size`.",
    ),
    "target_gone": Entry("target_gone", "The target ended before the tap.", "The reason is in the target's log."),
    "unforeseen": Entry("unforeseen", "{kind} at {place}.", "Please report this line."),
}
