"""Every error of the target and its ledger: what happened, and what to do. `errors.py` raises from this table.

A row's name says the case; its code is that of the class in `errors.py` that it is raised as, with the exit code. The
documents are made from it (docs/errors.md), and every sentence is translated (`locale/`). Texts in braces are filled
in where the error is raised; none of them may be a setting's value or a person's.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """One case: the error's code, the cause in words, and what its reader does next."""

    code: str
    cause: str
    action: str


_CORRECT = "Correct it (in Meltano: `meltano config set target-esputnik SETTING VALUE`) and run again."
_NEW_KEY = (
    "Create a Full-access API key in eSputnik (Settings → API) and set it: "
    "`meltano config set target-esputnik api_key …`."
)
_ADDRESS = "Check `api_url`: it is https://esputnik.com/api or https://yespo.io/api."
_LEDGER = "Check `ledger_url` and the rights of its folder; the ledger itself was not changed."
_BY_ITSELF = "The next run goes on from here by itself."
_DATABASE = "The next run goes on from here by itself. If it stays, check `ledger_url` and that the database runs."
_RUN_ONCE = "Run the target once (meltano run tap-horoshop target-esputnik), or correct ledger_url."
_TAP = "Check the tap, or its `stream_mapping`; nothing after this message was read."
_DECIDE = (
    "Look at the answer (`esputnik-ledger held --reason in_doubt --show-answers`), and in eSputnik; then `release` "
    "what is not there."
)
_JUDGED = "The record is rejected, and its neighbours go; see `esputnik-ledger rejected --show-answers`."
_WHICH_ACCOUNT = "Say which one: --account ID."

CATALOGUE: Final[dict[str, Entry]] = {
    # ---------------------------------------------------------------- settings
    "config": Entry("config", "{problems}.", _CORRECT),
    "config_file": Entry(
        "config", "The file given by --config cannot be read.", "Check the file's path and its rights."
    ),
    "config_json": Entry("config", "The file given by --config is not JSON.", "Correct the file."),
    "config_form": Entry(
        "config", "The file given by --config does not hold one JSON object of settings.", "Correct the file."
    ),
    "private_address": Entry(
        "config", "The host in api_url is in a private network.", "Set allow_private_hosts if that is meant."
    ),
    "prefix_changed": Entry(
        "config",
        "external_id_prefix is not the one that this shop's contacts and orders were sent with.",
        "Set it back: with another one all of them would be made in eSputnik a second time. For another shop set "
        "`shop`, too.",
    ),
    # ---------------------------------------------------------------- the statistics page
    "page_absent": Entry(
        "config",
        "The statistics page needs a package that is not installed ({module}).",
        "Install it: pip install 'target-esputnik[web]'.",
    ),
    "page_zone": Entry("config", "--time-zone names no time zone.", "Write it as Europe/Kyiv."),
    "page_address": Entry("config", "--host is no address of this machine.", "Leave it out, or give an address."),
    "page_port": Entry(
        "config",
        "The address given by --host and the port {port} cannot be listened on.",
        "Choose another --port, or end the program that has it.",
    ),
    "page_password": Entry(
        "config",
        "An address that others can reach needs a password.",
        "Set ESPUTNIK_LEDGER_PASSWORD, or give --password-file; or leave --host out.",
    ),
    "page_password_short": Entry(
        "config", "The password of the page has fewer than {count} characters.", "Choose a longer one."
    ),
    "page_password_file": Entry(
        "config", "The file given by --password-file cannot be read.", "Check the file's path and its rights."
    ),
    "page_password_hash": Entry(
        "config",
        "The file given by --password-file holds no argon2 hash.",
        "Write it by `esputnik-ledger serve --hash-password`.",
    ),
    # ---------------------------------------------------------------- the test address of `probe`
    "probe_address": Entry(
        "config",
        "The address given by --email is not one that mail can be sent to.",
        "Give an address of your own whose provider takes plus-addresses, such as me+test@example.com.",
    ),
    "probe_address_long": Entry(
        "config", "The address given by --email is too long to be varied.", "Give one with a shorter name."
    ),
    "probe_address_taken": Entry(
        "config",
        "The address given by --email belongs to a contact of this eSputnik account.",
        "Give a test address that eSputnik does not know, such as me+test@example.com: a probe writes to no contact "
        "but its own.",
    ),
    # ---------------------------------------------------------------- the key and the address
    "key_refused_http": Entry("credentials", "eSputnik refused the API key (HTTP {status}).", _NEW_KEY),
    "certificate": Entry(
        "not_esputnik",
        "The certificate of the host in api_url is not trusted.",
        "Set ca_bundle if you run behind a proxy with its own certificates; it is never ignored.",
    ),
    "web_page": Entry("not_esputnik", "The host in api_url answers with a web page, not as eSputnik's API.", _ADDRESS),
    "foreign_status": Entry(
        "not_esputnik", "The host in api_url answers HTTP {status}, as eSputnik's API never does.", _ADDRESS
    ),
    "no_such_api": Entry("not_esputnik", "The host in api_url does not answer as eSputnik's API.", _ADDRESS),
    "no_account": Entry("not_esputnik", "The host in api_url answers, but does not name an account.", _ADDRESS),
    "no_such_call": Entry(
        "not_esputnik", "The host in api_url does not know the call {endpoint} (HTTP 404).", _ADDRESS
    ),
    # ---------------------------------------------------------------- the ledger
    "ledger_damaged": Entry("ledger_unusable", "The ledger cannot be used ({cause}).", _LEDGER),
    "ledger_folder": Entry("ledger_unusable", "The ledger's folder cannot be used ({cause}).", _LEDGER),
    "ledger_address": Entry("ledger_unusable", "ledger_url is not an SQLAlchemy URL.", _LEDGER),
    "ledger_kind": Entry("ledger_unusable", "ledger_url must be a SQLite or PostgreSQL address.", _LEDGER),
    "ledger_scheme": Entry(
        "ledger_unusable",
        "ledger_url does not name the driver that PostgreSQL is spoken to with.",
        "Write it as postgresql+psycopg://user:password@host/database.",
    ),
    "ledger_foreign": Entry(
        "ledger_unusable",
        "The database at ledger_url holds tables of another program.",
        "Give the ledger a database of its own, or a schema: CREATE SCHEMA esputnik, and "
        "?options=-csearch_path%3Desputnik at the end of ledger_url.",
    ),
    "ledger_driver": Entry(
        "ledger_unusable",
        "The driver that ledger_url names is not installed ({cause}).",
        "Install it: pip install 'target-esputnik[postgres]', with a postgresql+psycopg:// address.",
    ),
    "ledger_newer": Entry(
        "ledger_unusable",
        "The ledger was written by a newer version of target-esputnik.",
        "Upgrade target-esputnik; the ledger was not changed.",
    ),
    "ledger_older": Entry(
        "ledger_unusable",
        "The ledger is from an older version, and this command must not change it.",
        "Run the target once (meltano run tap-horoshop target-esputnik); it upgrades the ledger.",
    ),
    "ledger_not_kept": Entry(
        "ledger_unusable",
        "ledger_url is a SQLite file, and an Airbyte destination's container keeps no disk: each sync would forget "
        "what was sent.",
        "Give the address of a PostgreSQL database (postgresql+psycopg://user:password@host/database), or set "
        "allow_local_ledger where the file is kept: PyAirbyte, a mounted volume.",
    ),
    "ledger_absent": Entry("ledger_unusable", "There is no ledger at ledger_url yet.", _RUN_ONCE),
    "scope_absent": Entry(
        "ledger_unusable",
        "The ledger knows nothing of this account and shop yet.",
        "Run the target once, or correct api_key and shop.",
    ),
    "shop_absent": Entry(
        "ledger_unusable",
        "The ledger knows nothing of the shop {shop} yet.",
        "Run the target once (meltano run tap-horoshop target-esputnik), or correct shop and ledger_url.",
    ),
    "several_accounts": Entry(
        "ledger_unusable",
        "The ledger knows the shop {shop} with several eSputnik accounts: {accounts}.",
        _WHICH_ACCOUNT,
    ),
    "account_unknown": Entry(
        "ledger_unusable",
        "The ledger does not know this account for the shop {shop}; it knows: {accounts}.",
        _WHICH_ACCOUNT,
    ),
    # ---------------------------------------------------------------- heals by itself
    "unreachable": Entry("unavailable", "eSputnik cannot be reached.", _BY_ITSELF),
    "connect_timeout": Entry("unavailable", "eSputnik cannot be reached (connection timed out).", _BY_ITSELF),
    "trouble_there": Entry("unavailable", "eSputnik answers HTTP {status}.", _BY_ITSELF),
    "stopped_waiting": Entry("unavailable", "Stopped while waiting to send a request once more.", _BY_ITSELF),
    "always_duplicate": Entry("unavailable", "eSputnik keeps calling a request a duplicate.", _BY_ITSELF),
    "connection_broke": Entry("no_answer", "A request to eSputnik got no answer: the connection broke.", _BY_ITSELF),
    "half_answer": Entry("no_answer", "A request to eSputnik got no whole answer ({kind}).", _BY_ITSELF),
    "answer_too_large": Entry(
        "no_answer", "A request to eSputnik got an answer of more than {megabytes} MB, which was not read.", _BY_ITSELF
    ),
    "order_unnamed": Entry("no_answer", "eSputnik refused an order of a batch without saying which one.", _DECIDE),
    "order_fails": Entry("no_answer", "eSputnik fails (HTTP 5xx) at orders that are in doubt.", _BY_ITSELF),
    "order_message": Entry(
        "no_answer", "eSputnik answered to a batch of orders in words, which do not say whether it took them.", _DECIDE
    ),
    "page_between": Entry("no_answer", "A web page came instead of eSputnik's answer.", _BY_ITSELF),
    "ledger_away": Entry("ledger_away", "The ledger's database does not answer.", _DATABASE),
    "ledger_lost": Entry("ledger_away", "The connection to the ledger's database was lost.", _DATABASE),
    "ledger_busy": Entry(
        "ledger_busy",
        "Another run is working on this ledger and shop.",
        "Wait for the other run to end; schedule runs further apart if this repeats.",
    ),
    "ledger_locked": Entry(
        "ledger_busy",
        "The ledger is locked by another process.",
        "Wait for the other run to end; schedule runs further apart if this repeats.",
    ),
    "interrupted": Entry("interrupted", "A signal came before this was sent.", _BY_ITSELF),
    "out_of_balance": Entry(
        "out_of_balance",
        "Records read and records settled differ: {streams}.",
        "STATE was not written past it. Please open an issue with this line: it is a bug.",
    ),
    "state_reader_gone": Entry("heals", "Whoever reads our STATE is gone.", _BY_ITSELF),
    # ---------------------------------------------------------------- the tap's messages
    "not_json": Entry("protocol", "A line is not JSON.", _TAP),
    "not_singer": Entry("protocol", "A line is not a Singer message.", _TAP),
    "unknown_message": Entry("protocol", "A message is of a type that Singer does not know.", _TAP),
    "no_schema": Entry("protocol", "A RECORD came before its SCHEMA.", _TAP),
    "no_key": Entry("protocol", "A record lacks its key.", _TAP),
    "batch_message": Entry(
        "protocol",
        "BATCH messages are not supported (stream {stream}).",
        "Switch off batch_config of the tap.",
    ),
    # ---------------------------------------------------------------- one request; these never end a run
    "request_refused": Entry("refused", "eSputnik refused a request (HTTP {status}).", _JUDGED),
    "contacts_refused": Entry("refused", "eSputnik refused a bulk of contacts.", _JUDGED),
    "orders_refused": Entry("refused", "eSputnik refused a batch of orders.", _JUDGED),
    "not_there": Entry(
        "contact_gone",
        "eSputnik does not know this address or contact (HTTP 404).",
        "The contact is held as `deleted_there`; `release` it if it should be made again.",
    ),
    "contact_forgotten": Entry(
        "contact_gone",
        "eSputnik does not know a contact that it knew.",
        "The contact is held as `deleted_there`; `release` it if it should be made again.",
    ),
    "duplicate_request": Entry(
        "duplicate_request",
        "eSputnik calls a request a duplicate of one less than a minute ago.",
        "It is sent once more after 61 seconds, by itself.",
    ),
    # ---------------------------------------------------------------- the end of a run
    "too_many_rejected": Entry(
        "too_many_rejected",
        "{rejected} of {attempts} attempted records were rejected.",
        "See `esputnik-ledger rejected`.",
    ),
    "unexpected": Entry("unexpected", "{kind} at {place}.", "Please open an issue with this line."),
}
