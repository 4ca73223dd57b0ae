"""What `serve` says, by name; these rows join the table of `words.py`. What the page itself says is in `web/`."""

from __future__ import annotations

from typing import Final

from target_esputnik.cli.words import ENGLISH

SERVE: Final[dict[str, str | tuple[str, str]]] = {
    "serve.short": "The statistics page, in a browser.",
    "serve.help": "The statistics page: what was delivered, what waits, what was rejected and why, in numbers that "
    "lead to their records, each order and contact whole, and every run. It only reads, and answers this machine "
    "alone; on any other address it needs a password, in ESPUTNIK_LEDGER_PASSWORD or, as a hash, in a file. Personal "
    "data is masked unless --show-personal-data is given. Needs target-esputnik[web].",
    "option.host": "The address to listen on; one that others can reach needs a password.",
    "option.port": "The port to listen on; 0 takes one that is free.",
    "option.time_zone": "The zone in which days and times are shown.",
    "option.show_personal": "Show personal data instead of hints such as o***@e***.ua.",
    "option.password_file": "A file with the hash of the password, as --hash-password writes it.",
    "option.hash_password": "Ask for a password, write its hash for --password-file, and end.",
    "option.allow_host": "A name by which the page is called, besides addresses and localhost, such as that of a "
    "proxy; may be repeated.",
    "serve.password": "Password",
    "serve.ready": "The statistics page is at {url}",
    "serve.masked": "Personal data is masked. Ctrl+C ends.",
    "serve.unmasked": "Personal data is shown. Ctrl+C ends.",
}

ENGLISH.update(SERVE)
