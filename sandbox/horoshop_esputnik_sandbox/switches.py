"""Everything that the references mark as unknown, as a switch. The one table of them, and their present positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Position = str | int


class SwitchError(ValueError):
    """A switch or a position that does not exist. The message lists those that do."""


@dataclass(frozen=True)
class Switch:
    """One unknown of an API.

    `positions` are the readings of it; `number` says that any whole number from 0 is a position too.
    """

    api: str
    name: str
    positions: tuple[str, ...]
    default: Position
    meaning: str
    source: str
    number: bool = False

    def parse(self, value: object) -> Position:
        """Return the position that a caller means, or raise `SwitchError` naming the positions there are."""
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if value is None:
            value = "none"
        text = str(value)
        if text in self.positions:
            return text
        if self.number and text.isdecimal():
            return int(text)
        known = ", ".join([*self.positions, *(["a whole number"] if self.number else [])])
        message = f"switch {self.name} has no position {text!r}; it has: {known}"
        raise SwitchError(message)


def _shop(name: str, positions: str, default: Position, meaning: str, source: str, *, number: bool = False) -> Switch:
    return Switch("shop", name, tuple(positions.split()), default, meaning, f"horoshop-api.md {source}", number)


def _esputnik(
    name: str, positions: str, default: Position, meaning: str, source: str, *, number: bool = False
) -> Switch:
    return Switch("esputnik", name, tuple(positions.split()), default, meaning, f"esputnik-api.md {source}", number)


TABLE: tuple[Switch, ...] = (
    _shop("sort", "asc desc shuffled", "asc", "order of the rows, by number", "§2.1, §9.2(5)"),
    _shop("page_cap", "none", "none", "most rows in one page, whatever `limit` asks for", "§2.1, §9.2(5)", number=True),
    _shop("default_limit", "none", 100, "rows in a page when `limit` is not sent", "§2.1, §9.2(5)", number=True),
    _shop("offset", "honoured ignored", "honoured", "whether `offset` is obeyed", "§9.1(5)"),
    _shop("limit_zero", "empty unlimited", "empty", "what `limit: 0` means", "§2.1, §9.2(4)"),
    _shop(
        "empty_body",
        "list object message ok",
        "list",
        "zero rows: EMPTY with `[]`, `{}` or `{message}`, or OK with an empty list of rows",
        "§1.3, §2.2, §10(10)",
    ),
    _shop("numbers", "json strings", "json", "numbers as JSON numbers or as numeric strings", "§2.4, §6"),
    _shop("blanks", "documented null empty", "documented", "blank texts as documented, all null or all empty", "§6"),
    _shop("bad_token", "200 401", "200", "HTTP status of UNAUTHORIZED and AUTHORIZATION_ERROR", "§8(1)"),
    _shop(
        "expired_token",
        "UNAUTHORIZED AUTHORIZATION_ERROR",
        "UNAUTHORIZED",
        "the word for a token that has run out",
        "§1.3, §10(5)",
    ),
    _shop("token_ttl", "", 600, "seconds that a token lives", "§1.2", number=True),
    _shop("token_window", "fixed sliding", "fixed", "whether use prolongs a token", "§1.2, §10(5)"),
    _shop("token_sessions", "several newest", "several", "whether a new login ends older tokens", "§1.2, §10(5)"),
    _shop(
        "html_challenge",
        "off non_browser always",
        "off",
        "HTTP 200 with a proof-of-work page instead of an answer: never, to a User-Agent that is no browser's, always",
        "§1.3",
    ),
    _shop("statuses_body", "object list", "object", "container of `statuses`", "§3.1, §8(13)"),
    _shop("shop_version", "current old", "current", "old: before v4.0, without get_available_statuses", "§3.1"),
    _shop(
        "additional_data",
        "documented list object",
        "documented",
        "documented: `[]`, with the flag an object; or always the one or the other",
        "§2.6, §8(16)",
    ),
    _shop(
        "delivery_data",
        "object null list",
        "object",
        "`delivery_data` of an order that no Nova Poshta carries: an object like others', null, or `[]`",
        "§2.6, §10(7)",
    ),
    _shop(
        "shop_zone",
        "Europe/Kyiv UTC",
        "Europe/Kyiv",
        "the zone of the stamps that the shop gives to what is new",
        "§6, §10(3)",
    ),
    _shop(
        "update_log",
        "sample text",
        "sample",
        "a line of the log of orders/update: `messages` alone, or `message` and `order_id`",
        "§3.2, §8(11)",
    ),
    _shop("date_only_to", "end_of_day start_of_day", "end_of_day", "what a `to` without a time means", "§2.1"),
    _shop("comments", "returned absent", "returned", "whether orders carry the buyer's comment", "§8(5)"),
    _shop("newsletter", "returned absent", "returned", "whether users carry `newsletter_subscription`, `note`", "§4.2"),
    _shop(
        "guests",
        "absent present",
        "absent",
        "whether each guest's order also makes a user in users/export, with the order's `user` as its id",
        "§4.2, §10(4)",
    ),
    _shop("entities", "plain escaped", "plain", "whether texts leave with HTML entities", "§6"),
    _shop("b2b", "forbidden undefined empty on", "forbidden", "B2B methods: refused in three ways, or there", "§8(3)"),
    _shop(
        "api_access",
        "on off redirect storefront",
        "on",
        "the API is there; answers 404; redirects to another platform; answers with the storefront's HTML",
        "§1.2, §1.3",
    ),
    _esputnik("single_element", "list object", "list", "a list of one element leaves as that element", "§1.6"),
    _esputnik("ids", "numbers strings", "numbers", "contact ids in answers", "§1.6"),
    _esputnik("error_body", "text json", "text", "refusals as a sentence or as Spring's JSON", "§1.6"),
    _esputnik("oversize", "400 413", "400", "status for more elements than allowed", "§1.8"),
    _esputnik(
        "malformed_order",
        "per_row whole_request",
        "per_row",
        "a bad date, enum or number in one order: that order fails, or the whole request with 400",
        "§4, §11b(2)",
    ),
    _esputnik(
        "failed_orders",
        "object id unmatched",
        "object",
        "element of `failedOrders`: object with the id and a message, the bare id, or a message that matches no order",
        "§4, §11b(2)",
    ),
    _esputnik(
        "failed_contacts",
        "contact reason id vanish",
        "contact",
        "element of `failedContacts`: the contact, the contact with a message, its external id or address; "
        "vanish: refused contacts are not listed",
        "§3.3, §11b(2)",
    ),
    _esputnik("bulk_problem", "400 message", "400", "a bad bulk call: 400, or 200 with `errorMessage`", "§3.3"),
    _esputnik("import_polls", "", 1, "polls of an import before it is FINISHED", "§3.4", number=True),
    _esputnik("import_errors", "", 0, "how many of the next imports end in ERROR", "§3.4", number=True),
    _esputnik(
        "import_error_mark",
        "none marked",
        "none",
        "marked: an import ends in ERROR while it has a contact whose external id or address contains `poison`",
        "§3.4",
    ),
    _esputnik("import_error_work", "none half", "none", "what an import that ends in ERROR has done", "§3.4"),
    _esputnik("import_mapping", "returned absent", "returned", "`mapping` in importstatus", "§3.4, §11b(4)"),
    _esputnik(
        "duplicate_guard",
        "off subscribe all",
        "subscribe",
        "which POSTs answer 409 to the same body within 1 minute",
        "§1.9, §11b(6)",
    ),
    _esputnik(
        "duplicate_guard_arms",
        "accepted received",
        "accepted",
        "what the guard remembers: accepted requests, or all that arrived (those that a fault answered with 5xx too)",
        "§11b(6)",
    ),
    _esputnik(
        "confirmed_route_confirms",
        "no yes",
        "yes",
        "POST contact(s) on an existing unconfirmed email confirms it",
        "§2, §11b(1)",
    ),
    _esputnik(
        "order_confirms", "no yes", "no", "an order with an existing unconfirmed email confirms it", "§2, §11b(1)"
    ),
    _esputnik(
        "put_adds_email", "unconfirmed confirmed", "confirmed", "what an address becomes that PUT contact adds", "§2"
    ),
    _esputnik("put_omitted", "kept cleared", "kept", "what PUT contact does to what its body omits", "§3.5"),
    _esputnik("subscribe_on_confirmed", "keeps unconfirms", "keeps", "subscribe on a confirmed email", "§2, §11b(1)"),
    _esputnik(
        "subscribe_on_unsubscribed", "stays resubscribes", "stays", "subscribe on an unsubscribed email", "§2, §11b(1)"
    ),
    _esputnik(
        "subscribe_on_deleted",
        "new revives refused",
        "new",
        "subscribe on a deleted contact: makes a new one, revives it, or answers 400",
        "§2",
    ),
    _esputnik("subscribe_email", "add replace", "add", "subscribe with another email than the known contact has", "§2"),
    _esputnik(
        "subscribe_foreign_id",
        "updates new",
        "updates",
        "subscribe whose address belongs to a contact with another external id: that one is updated, or a new one made",
        "§3.5",
    ),
    _esputnik("order_event_repeat", "fires silent", "fires", "the same status again fires its event again", "§11b(3)"),
    _esputnik(
        "order_omitted", "cleared kept", "cleared", "what an order's update does to what it omits", "§4, §11b(3)"
    ),
    _esputnik("order_answer", "empty json full", "empty", "body when every order is accepted", "§1.6, §4"),
    _esputnik("order_match", "phone_first email_first", "phone_first", "how an order finds its contact", "§4"),
    _esputnik(
        "order_foreign_id",
        "matches new",
        "matches",
        "an order with an unknown external id and the address of another one's contact: to that one, or a new one",
        "§4",
    ),
    _esputnik("order_names", "unchecked checked", "unchecked", "whether an order's names obey the name rules", "§4"),
    _esputnik("currencies", "any documented", "any", "whether other currencies than UAH, USD, EUR pass", "§1.4, §11"),
    _esputnik(
        "dedupe_fallback",
        "fallback ignored",
        "fallback",
        "whether `dedupeOn` is used when an external id is there but unknown",
        "§3.3, §11b(5)",
    ),
    _esputnik(
        "dedupe_unknown_id",
        "new address",
        "new",
        "`dedupeOn: externalCustomerId` with an unknown id: a new contact, or the one that has the email or phone",
        "§3.2, §3.3",
    ),
    _esputnik("dedupe_field", "kept updated", "kept", "whether the field in `dedupeOn` is itself updated", "§3.3"),
    _esputnik("contact_groups", "ignored usable", "ignored", "`groups` in the body of POST contact", "§3.1, §11"),
    _esputnik("search_email", "prefix exact contains", "prefix", "how GET contacts compares addresses", "§3.5"),
    _esputnik("search_case", "insensitive sensitive", "insensitive", "whether that comparison sees case", "§3.5"),
    _esputnik("search_none", "list empty", "list", "no match: `[]` or an empty body", "§3.5"),
    _esputnik("account_info", "with_org without_org", "with_org", "whether account/info has `orgId`", "§6"),
    _esputnik("event_caps", "Api API", "Api", "spelling: subscribeFromApi or subscribeFromAPI", "§2, §11"),
    _esputnik("retry_after", "none seconds date", "none", "`Retry-After` of a 429", "§1.7, §11b(6)"),
    _esputnik("rate_limit", "none", 200, "requests a second before 429", "§1.7", number=True),
    _esputnik("search_rate_limit", "none", 50, "the same for the contact search", "§1.7", number=True),
    _esputnik(
        "key_scope", "full contacts contacts_write events messages disabled", "full", "what the key may do", "§1.2"
    ),
    _esputnik("phones", "digits any", "digits", "digits: 5 to 15 digits after stripping; any: no rule", "§3.6"),
)

_BY_NAME = {switch.name: switch for switch in TABLE}


class Switches:
    """The present position of every switch."""

    def __init__(self, positions: Mapping[str, object] | None = None) -> None:
        self._start = self._parsed(positions or {})
        self._positions: dict[str, Position] = {}
        self.reset()

    def __getitem__(self, name: str) -> Position:
        return self._positions[name]

    def number(self, name: str) -> int | None:
        """Return the number that a switch stands at, or None if it stands at a word."""
        position = self._positions[name]
        return position if isinstance(position, int) else None

    def set(self, positions: Mapping[str, object]) -> None:
        """Turn some switches; none is turned if one of them is unknown."""
        self._positions.update(self._parsed(positions))

    def reset(self) -> None:
        """Turn all switches to where they stood when the sandbox was made."""
        self._positions = {switch.name: switch.default for switch in TABLE} | self._start

    def positions(self) -> dict[str, Position]:
        """Return {switch: position} of all switches."""
        return dict(self._positions)

    @staticmethod
    def _parsed(positions: Mapping[str, object]) -> dict[str, Position]:
        unknown = sorted(set(positions) - set(_BY_NAME))
        if unknown:
            message = f"no switch is named {', '.join(unknown)}; there are: {', '.join(sorted(_BY_NAME))}"
            raise SwitchError(message)
        return {name: _BY_NAME[name].parse(value) for name, value in positions.items()}


def as_markdown() -> str:
    """Return the table of switches for the README."""
    head = ["| API | switch | positions (default first) | what it decides | source |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_markdown_row(switch) for switch in TABLE)])


def _markdown_row(switch: Switch) -> str:
    others = [position for position in switch.positions if position != switch.default]
    number = ["a whole number"] if switch.number else []
    positions = ", ".join([f"**{switch.default}**", *others, *number])
    return f"| {switch.api} | `{switch.name}` | {positions} | {switch.meaning} | {switch.source} |"
