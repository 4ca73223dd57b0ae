"""Every sentence that `esputnik-ledger` says, by name, so that another language is another table.

Texts in braces are filled in by the caller; none of them may be a setting's value or a person's. A pair is one and
many, chosen by `count`.
"""

from __future__ import annotations

from typing import Final

from target_esputnik.words import said_of

ENGLISH: Final[dict[str, str | tuple[str, str]]] = {
    # ---------------------------------------------------------------- the program and its options
    "help": "What the ledger of target-esputnik knows: what was sent to eSputnik, what was not, and why; and the "
    "commands to act on it.\n\nSettings are those of target-esputnik: from the files given by --config (later ones "
    "outrank earlier ones); from TARGET_ESPUTNIK_… in the environment without --config, or, outranking the files, "
    "with `--config ENV`. In Meltano: `meltano invoke target-esputnik:COMMAND`.\n\nExit codes: 0 done · 1 failed, "
    "heals by itself · 2 a person must act · 3 done, but too many rejected · 130/143 stopped by a signal.",
    "example": "Example: {example}",
    "option.config": "A JSON file with the target's settings, or ENV; may be repeated.",
    "option.lang": "The language of what is said; else that of LC_ALL, LC_MESSAGES or LANG. JSON is always in English.",
    "option.json": "One JSON value on stdout, for programs.",
    "option.account": "The eSputnik account (its id) if the ledger knows several for this shop.",
    "option.stream": "Only these records.",
    "option.reason": "Only records with this reason; may be repeated.",
    "option.id": "Only the order or contact with this id; may be repeated.",
    "option.from": "Only what has stood there since this moment or later: 2026-01-31, or 2026-01-31T10:00+02:00. "
    "Without an offset it is this machine's zone.",
    "option.to": "And before this moment; a date without a time means the end of that day.",
    "option.created_from": "Only orders made in the shop at this moment or later: 2026-01-31, or "
    "2026-01-31T10:00+02:00. Without an offset it is this machine's zone.",
    "option.created_to": "And before this moment; a date without a time means the end of that day.",
    "option.runs_from": "Runs that began at this moment or later: 2026-01-31, or 2026-01-31T10:00+02:00.",
    "option.runs_to": "And before this moment; a date without a time means the end of that day.",
    "option.last": "Runs of the last days, hours or minutes: 7d, 24h, 90m.",
    "option.runs": "How many runs to list.",
    "option.one_run": "Only this run, whole.",
    "option.limit": "How many records to list, those with the youngest fate first.",
    "option.show_answers": "Also what eSputnik answered. It may hold personal data.",
    "option.yes": "Send. Without it only the preview is shown.",
    # ---------------------------------------------------------------- commands
    "check.short": "Check settings, key, ledger, status mapping, segments and additional fields.",
    "check.help": "Check everything that can be checked before a run: the settings, the key, the ledger, the statuses "
    "that lack a mapping, and whether segments and additional fields are there in eSputnik. Writes nothing. Works "
    "before the first run. Ends with 0, or with 2 if a person must act.",
    "statuses.short": "The shop's order statuses: orders seen, and what each is sent as.",
    "statuses.help": "The shop's order statuses: id, title, orders seen in it, and what it is sent as; with the YAML "
    "to paste for those that lack a mapping.",
    "shops.short": "All shops of the ledger, a line each: last run, verdict, what was sent, held and rejected.",
    "shops.help": "All shops and accounts that the ledger knows, a line each: when the target's last run began, its "
    "verdict, and how many records are accepted, held and rejected now. Of the settings it needs ledger_url alone.",
    "shops.none": "The ledger knows no shop yet.",
    "shops.no_run": "has not run yet",
    "stats.short": "Contacts and orders by result and reason, requests by endpoint, runs.",
    "stats.help": "Where contacts and orders stand now, what became of them in the runs of a period, the requests "
    "that were made for it by endpoint and outcome, and the runs one by one, with their bookmarks and Meltano's runs. "
    "--run shows one run whole.",
    "last-run.short": "The verdict of the last run, as sentence and exit code.",
    "last-run.help": "The verdict of the target's last run. Ends with that run's exit code, which Meltano turns into "
    "1; with 1 if it is still going on or died, or if Meltano knows that the tap failed. Where MELTANO_RUN_ID is "
    "exported, the run of that id is meant; 1 if there is none.",
    "rejected.short": "Contacts and orders that were rejected, and why.",
    "rejected.help": "Contacts and orders that cannot be sent as they are: since when, why, and what to do.",
    "held.short": "Contacts and orders that wait, and for what.",
    "held.help": "Contacts and orders that wait: since when, for what, and what to do.",
    "retry.short": "Send rejected contacts and orders again.",
    "retry.help": "Send rejected contacts and orders again, as they were read last. Shows what would be sent; with "
    "--yes it sends, buyers first, and returns when all is settled.",
    "release.short": "Send held contacts and orders now.",
    "release.help": "Send held contacts and orders now, from their stored content. Shows what would be sent; with "
    "--yes it sends, buyers first, and returns when all is settled. Contacts that were deleted in eSputnik are made "
    "again, by the same rules for confirmation as new ones. An order whose request got no answer is sent again. "
    "Orders whose status still lacks a mapping stay; erased persons are never released.",
    "resend.short": "Send accepted or baseline orders again.",
    "resend.help": "Send orders again that were accepted (their last eSputnik status) or only recorded (all that "
    "their status is mapped to), even though nothing changed. Their workflow events fire again. Shows what would be "
    "sent; with --yes it sends, buyers first, and returns when all is settled. Needs --reason, --from, --to or --id.",
    # ---------------------------------------------------------------- columns
    "column.state": "state",
    "column.what": "what",
    "column.stream": "stream",
    "column.id": "id",
    "column.reason": "reason",
    "column.since": "since",
    "column.meaning": "meaning",
    "column.todo": "what to do",
    "column.answer": "answer",
    "column.title": "title",
    "column.orders": "orders",
    "column.sent_as": "sent as",
    "column.result": "result",
    "column.count": "count",
    "column.source": "from",
    "column.endpoint": "endpoint",
    "column.outcome": "outcome",
    "column.requests": "requests",
    "column.records": "records",
    "column.run": "run",
    "column.kind": "kind",
    "column.began": "began",
    "column.ended": "ended",
    "column.took": "took",
    "column.job": "job",
    "column.meltano_state": "in Meltano",
    "column.trigger": "trigger",
    "column.bookmark_before": "bookmark before",
    "column.bookmark_after": "bookmark after",
    "column.seconds": "seconds",
    "column.verdict": "verdict",
    "column.accepted": "accepted",
    "column.shop": "shop",
    "column.account": "account",
    "column.contacts_accepted": "contacts accepted",
    "column.orders_accepted": "orders accepted",
    "column.held": "held",
    "column.rejected": "rejected",
    "column.event": "workflow event",
    "column.why": "why",
    "column.first": "the first of them",
    "column.shop_status": "shop's status",
    # ---------------------------------------------------------------- check
    "state.ok": "ok",
    "state.notice": "notice",
    "state.problem": "PROBLEM",
    "check.settings": "The settings are valid.",
    "check.account": "The key belongs to the eSputnik account {name} ({id}).",
    "check.sandbox": "api_url is on this machine: a sandbox, not a real account.",
    "check.no_ledger": "There is no ledger at {where} yet: the first run makes it.",
    "check.ledger": "Ledger at {where}, version {version}.",
    "check.scope": "It knows this account and the shop {shop} since {since}; live since {live_since}.",
    "check.no_scope": "It knows nothing of this account and the shop {shop} yet: the first run begins anew.",
    "check.other_account": (
        (
            "It knows the shop {shop} with {count} other account: this key begins anew, and old orders are recorded as "
            "baseline."
        ),
        (
            "It knows the shop {shop} with {count} other accounts: this key begins anew, and old orders are recorded "
            "as baseline."
        ),
    ),
    "check.last_run": "The last run, number {number}, {verdict}.",
    "check.no_run": "No run yet.",
    "check.memory": "ledger_url keeps the ledger in memory: every run forgets what was sent, and sends nothing old "
    "again only because live_since says so. Set a file or PostgreSQL.",
    "check.statuses": "Every status of the shop that is known has a mapping.",
    "check.statuses_unknown": "The shop's statuses are not known before the first run.",
    "check.unmapped": "The shop's status {id} {title} has no mapping; orders in it: {orders}. See `esputnik-ledger "
    "statuses`.",
    "check.title_unknown": "order_status_mapping names a title that no status of the shop has (entry by title, number "
    "{place}).",
    "check.id_unknown": "order_status_mapping names the status {id}, which the shop does not list.",
    "check.group": "The segment of `groups`, number {place}, is there in eSputnik.",
    "check.no_group": "The segment of `groups`, number {place}, is not there in eSputnik: eSputnik makes it when the "
    "first contact joins; contacts that are updated before join none.",
    "check.field": "The additional field {id} is there in eSputnik.",
    "check.no_field": "The additional field {id} of custom_fields is not there in eSputnik. Correct its id.",
    "check.both_off": "receive_contacts and receive_orders are both off: nothing is ever sent.",
    "check.no_email": "contact_fields holds no email: nobody is asked to confirm, and email_confirmation has no "
    "effect.",
    "check.newsletter_off": "email_confirmation is newsletter while receive_contacts is off: the newsletter box is "
    "never looked at.",
    "check.identity_only": "custom_fields have no effect while receive_contacts is off: buyers go with what "
    "identifies them.",
    "check.future": "live_since lies in the future: orders made before it are recorded, not sent.",
    "check.no_payloads": "store_payloads is off: accepted orders cannot be sent again by `resend`.",
    "check.dry_run": "dry_run is on: no run sends anything.",
    "check.verdict_ok": "Nothing stands in the way of a run.",
    "check.verdict_problem": ("{count} problem needs a person.", "{count} problems need a person."),
    # ---------------------------------------------------------------- statuses
    "statuses.none": "No status is known yet: the tap brings them with the stream order_statuses.",
    "statuses.not_mapped": "— not mapped: held",
    "statuses.fixed": "{sent} (fixed)",
    "statuses.not_listed": "(the shop does not list it)",
    "statuses.paste": "To paste into the loader's config, each with the eSputnik status that you choose:",
    "statuses.choose": "CHOOSE",
    "statuses.yaml_keep": "keep the entries that are there",
    # ---------------------------------------------------------------- stats
    "stats.period": "Runs from {begin} to {end}",
    "stats.beginning": "the beginning",
    "stats.now": "now",
    "stats.stand": "Where records stand now",
    "stats.ended": "What became of them in these runs",
    "stats.requests": "Requests",
    "stats.runs": "Runs ({shown} of {all})",
    "stats.by_stream": "Runs by stream",
    "stats.meltano": "Meltano's runs",
    "stats.meltano_id": "Meltano's run: {id}",
    "stats.ended_in_run": "What became of records in it",
    "stats.bookmarks": "Bookmarks",
    "stats.no_such_run": "The ledger has no run {number}.",
    "source.read": "read",
    "source.derived": "made from orders",
    "source.carried": "earlier runs",
    # ---------------------------------------------------------------- runs
    "verdict.done": "done",
    "verdict.outside": "what came was settled, but Meltano's run failed, most likely in the tap: its log says why, "
    "and so does `meltano invoke TAP --test`",
    "verdict.too_many_rejected": "done, but too many records were rejected",
    "verdict.failed": "failed ({error}), heals by itself",
    "verdict.person": "failed ({error}), a person must act",
    "verdict.signal": "stopped by a signal, what was sent is settled",
    "verdict.running": "is going on",
    "verdict.died": "died without a word: what it was sending is looked at by the next run",
    "last-run.none": "No run yet.",
    "last-run.absent": "Meltano's run {id} did not come as far as the target; its log says why.",
    "last-run.line": "Run {number} of {began}: {verdict}.",
    "last-run.meltano": "Meltano's run {id} of {job}: {state}, {took}.",
    # ---------------------------------------------------------------- rejected, held
    "waiting.none": "Nothing.",
    "waiting.more": "{shown} of {all} are shown; --limit shows more.",
    "reason.unknown": "No reason was kept.",
    # ---------------------------------------------------------------- retry, release, resend
    "send.preview": "PREVIEW: nothing was written, here or in eSputnik.",
    "send.nothing": "Nothing would be sent.",
    "send.would": "Would be sent: {at_most}{contacts}, {orders}; {at_most}{requests}, about {minutes}.",
    "send.outcomes": "What the records would end in",
    "send.by_kind": "What contacts would be",
    "send.events": "Workflow events that would fire",
    "send.left": "Left as they are",
    "send.looked_up_later": "Not all contacts and buyers were looked up: that is done when it is sent, and whom "
    "eSputnik has already is not asked to confirm.",
    "send.at_most": "at most ",
    "send.hint": "Add --yes to send.",
    "send.dry_run": "The setting dry_run is on: nothing is sent, even with --yes.",
    "send.sent": "Sent. What became of it",
    "send.sent_nothing": "Nothing was sent.",
    "send.selector": "resend needs --reason, --from, --to or --id: without one it would send every order of the shop.",
    "send.stopped": "Stopped by a signal; everything that was sent is settled.",
    "left.content_gone": "Its content is not kept any more (store_payloads, payload_retention_days). With "
    "store_payloads on, `meltano run --full-refresh tap-horoshop target-esputnik` reads it again and sends nothing of "
    "it; then repeat this command.",
    "left.still_unmapped": "Its status still has no mapping: see `esputnik-ledger statuses`.",
    "left.still_invalid": "A field is still not of the kind that it must be: see `esputnik-ledger rejected "
    "--show-answers`.",
    "left.still_no_identity": "It still has no usable email and no usable phone: correct it in the shop.",
    "left.erased": "The person was erased on request, and is never released.",
    "left.switched_off": "receive_contacts, or for orders receive_orders, is off.",
    "left.nothing_to_send": "All that its status is mapped to was accepted already.",
    # ---------------------------------------------------------------- errors
    "error.moment": "{text} is no moment; write 2026-01-31 or 2026-01-31T10:00+02:00",
    "error.span": "{text} is no span of time; write 7d, 24h or 90m",
    "error.last_and_from": "--last goes without --from and --to.",
}


def say(name: str, /, **values: object) -> str:
    """A sentence, filled in, in the language that is spoken."""
    return str(said_of(ENGLISH[name], values))
