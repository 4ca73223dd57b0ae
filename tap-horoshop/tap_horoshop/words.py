"""What the tap says to people beside its errors, by name, so that another language is another table.

Texts in braces are filled in by the caller; none of them may be a setting's value or anything of a customer. A pair is
one and many, chosen by `count`.
"""

from __future__ import annotations

from typing import Final

from tap_horoshop.language import Said

SENTENCES: Final[dict[str, str | tuple[str, str]]] = {
    "stopped": "Stopped by a signal; the next run goes on from the bookmark",
    "answers": "The shop answers, and accepts the user name and password",
    "count.tries": ("{count} try", "{count} tries"),
    # ---------------------------------------------------------------- what the last answer was
    "answer.status": "HTTP {status}",
    "answer.page": "a web page",
    "answer.not_json": "an answer that is not JSON",
    "answer.no_status": "an answer without a status",
    "answer.word": "the status {word}",
    "answer.no_token": "the status {word} without a token",
    "answer.late": "no answer in time",
    "answer.broken": "an answer that breaks off",
    "answer.lost": "a lost connection",
    # ---------------------------------------------------------------- what is wrong with a setting
    "setting.required": "`{name}` is required",
    "setting.enum": "`{name}` must be one of {rule}",
    "setting.minimum": "`{name}` must be at least {rule}",
    "setting.maximum": "`{name}` must be at most {rule}",
    "setting.integer": "`{name}` must be a whole number",
    "setting.string": "`{name}` must be a text",
    "setting.boolean": "`{name}` must be true or false",
    "setting.array": "`{name}` must be a list",
    "setting.object": "`{name}` must be an object",
    "setting.number": "`{name}` must be a number",
    "setting.integers": "`{name}` must be a list of whole numbers",
    "setting.form": "`{name}` is not what its description asks for",
    "setting.zone": "`{name}` is not a name of the tz database, such as Europe/Kyiv",
    "setting.date": "`{name}` is not a date such as 2026-01-31 or 2026-01-31T10:00:00+02:00",
    "setting.before_start": "`{name}` is before `start_date`",
    "setting.user_agent": "`{name}` must be plain ASCII on one line",
    "setting.ca_bundle": "`{name}` is not a file of certificates in PEM form",
    "setting.port": "`{name}` has a port that is no number",
    "setting.userinfo": "`{name}` must not hold a user name or a password",
    "setting.address": "`{name}` is not an address such as https://shop.example.com",
    "setting.scheme": "`{name}` must begin with https://",
    "setting.unencrypted": "`{name}` must be https: a password must not travel unencrypted",
    "setting.path": "`{name}` must be the shop's address alone, without a path",
    "setting.environment": "`{name}` in the environment is not of the type that `--about` tells",
    "setting.config_file": "a file of `--config` cannot be read",
    "setting.config_json": "a file of `--config` is not a JSON object",
    "setting.catalog_json": "the file of `--catalog` is not a JSON object",
    "setting.catalog_form": "the file of `--catalog` is no catalog such as `--discover` writes",
}


def said(name: str, /, **values: object) -> Said:
    """A sentence with what fills it in, to be put into words later."""
    sentence = SENTENCES[name]
    return Said(sentence, values) if isinstance(sentence, str) else Said(sentence[0], values, sentence[1])


def say(name: str, /, **values: object) -> str:
    """A sentence, in the language that is spoken."""
    return str(said(name, **values))
