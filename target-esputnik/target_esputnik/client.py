"""One conversation with eSputnik: the calls that the target makes, each with its answer read.

Endpoints and their surprises: `reference/esputnik-api.md`. HTTP itself, pace and retries: `transport.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from target_esputnik import answers
from target_esputnik.connection import new_session
from target_esputnik.errors import (
    ConfigProblem,
    ContactGone,
    DuplicateRequest,
    NeedsPerson,
    NoAnswer,
    NotEsputnik,
    RequestRefused,
    ServiceUnavailable,
)
from target_esputnik.hosts import is_loopback, leads_to_private
from target_esputnik.pacing import Pace
from target_esputnik.transport import DUPLICATE_GUARD, GIVE_UP_AFTER, Transport
from target_esputnik.tries import Allowance, Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import msgspec

    from target_esputnik.settings import Settings

SEARCH_PAGE: Final = 500
ATTACH_AT_MOST: Final = 500
LOOKS_AT_ACCOUNT: Final = 3
SECONDS_BETWEEN_LOOKS: Final = 0.5


class EsputnikClient:
    """Calls of one account.

    Args:
        settings: `api_url`, `api_key` and the limits are used.
        on_exchange: told of every request that is over, from the thread that made it.
        give_up_after: seconds for all tries of one request.
        duplicate_guard: seconds to wait until eSputnik has forgotten a body that it calls a duplicate.

    Raises:
        ConfigProblem: `api_url` leads into a private network and `allow_private_hosts` is off.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        on_exchange: Callable[[Exchange], None] = lambda _: None,
        give_up_after: float = GIVE_UP_AFTER,
        duplicate_guard: float = DUPLICATE_GUARD,
    ) -> None:
        host = urlsplit(settings.api_url).hostname or ""
        if not (is_loopback(host) or settings.allow_private_hosts) and leads_to_private(host):
            raise ConfigProblem("private_address")
        self._duplicate_guard = duplicate_guard
        self._order_repeats = Allowance(1)
        self._groups: dict[str, int | None] = {}
        self._transport = Transport(
            base_url=settings.api_url,
            api_key=settings.api_key,
            timeout=settings.request_timeout,
            pace=Pace(settings.max_requests_per_second),
            session=new_session(
                settings.api_url,
                ca_bundle=settings.ca_bundle,
                allow_private=settings.allow_private_hosts,
                parallel=settings.max_parallel_requests,
            ),
            on_exchange=on_exchange,
            give_up_after=give_up_after,
        )

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def stop(self) -> None:
        """Repeat nothing from now on; requests in flight end as they do."""
        self._transport.stop()

    # ---------------------------------------------------------------- the account

    def account(self) -> answers.Account:
        """Who the key belongs to; the cheapest proof that address and key are right (§6)."""
        for look in range(1, LOOKS_AT_ACCOUNT + 1):
            try:
                body = self._transport.call("GET", "/v1/account/info", endpoint="account/info", page_is_foreign=True)
            except ContactGone:
                raise NotEsputnik("no_such_api") from None
            found = answers.account(body)
            if found is not None:
                return found
            # An answer that is none may be a passing fault; an address that never gives one is no eSputnik.
            if look < LOOKS_AT_ACCOUNT and not self._transport.sleep(SECONDS_BETWEEN_LOOKS):
                break
        raise NotEsputnik("no_account")

    # ---------------------------------------------------------------- contacts

    def contacts_with(self, *, email: str | None = None, phone: str | None = None) -> list[dict[str, Any]]:
        """The contacts that carry exactly this email (any case) or phone (E.164), as eSputnik has them."""
        page: dict[str, Any] = {"startindex": 1, "maxrows": SEARCH_PAGE}
        if email is None:
            return answers.contacts_found(self._search(page | {"sms": (phone or "").lstrip("+")}), phone=phone)
        # Whether the search sees case is not known, so an address with capitals is looked for in both spellings.
        for spelling in dict.fromkeys((email, email.lower())):
            found = answers.contacts_found(self._search(page | {"email": spelling}), email=email)
            if found:
                return found
        return []

    def contacts_by_external_id(self, external_id: str) -> list[dict[str, Any]]:
        """The contacts with this external id: none or one."""
        found = answers.contacts_found(self._search({"externalCustomerId": external_id}))
        return [c for c in found if str(c.get("externalCustomerId", external_id)) == external_id]

    def _search(self, query: dict[str, Any]) -> Any:
        try:
            return self._transport.call("GET", "/v1/contacts", endpoint="contacts (search)", query=query)
        except ContactGone:  # an empty result as 404 instead of []
            return []

    def contact(self, contact_id: int) -> dict[str, Any]:
        """One contact, whole. Raises ContactGone when it was deleted."""
        body = self._transport.call("GET", f"/v1/contact/{contact_id}", endpoint="contact (read)")
        if not isinstance(body, dict):
            raise ContactGone("contact_forgotten")
        return body

    def update_contact(self, contact_id: int, body: dict[str, Any]) -> None:
        """`PUT`: never creates, changes no confirmation of a channel that is there. Raises ContactGone."""
        self._once_more_if_duplicate("PUT", f"/v1/contact/{contact_id}", "contact (update)", body, records=1)

    def subscribe(self, body: dict[str, Any]) -> int | None:
        """`subscribe`: a new address becomes *unconfirmed*, and the account's double opt-in starts (§2).

        Returns:
            eSputnik's contact id, or None where the answer does not name it.

        Raises:
            NoAnswer: it may have done the work or not.
            DuplicateRequest: eSputnik knows the body, and it is not known whether it did the work.
        """
        try:
            answer = self._transport.call(
                "POST",
                "/v1/contact/subscribe",
                endpoint="contact/subscribe",
                body=body,
                records=1,
                allowance=Allowance(0),  # not repeated blindly: the customer would be asked twice
            )
        except ContactGone:
            raise NotEsputnik("no_such_call", endpoint="contact/subscribe") from None
        return answers.contact_id(answer)

    def import_contacts(self, body: dict[str, Any]) -> tuple[str | None, list[Any]]:
        """`POST contacts`: asynchronous; creates *confirmed* contacts.

        Returns:
            The session to poll (None where the answer was lost), and the elements that were refused at once.
        """
        answer = self._once_more_if_duplicate(
            "POST", "/v1/contacts", "contacts (bulk)", body, records=len(body["contacts"])
        )
        if (message := answers.error_message(answer)) is not None:
            raise RequestRefused("contacts_refused", status=200, answer=message)
        session = answer.get("asyncSessionId") if isinstance(answer, dict) else None
        return str(session) if session else None, answers.refused_elements(answer, "failedContacts")

    def import_status(self, session: str) -> answers.ImportStatus:
        """Where an import stands; UNKNOWN when eSputnik has forgotten the session."""
        try:
            return answers.import_status(
                self._transport.call("GET", f"/v1/importstatus/{session}", endpoint="importstatus")
            )
        except ContactGone:
            return answers.ImportStatus("UNKNOWN")

    def delete_contact(self, contact_id: int) -> None:
        """Delete one contact; one that is gone already is as good."""
        try:
            self._transport.call("DELETE", f"/v1/contact/{contact_id}", endpoint="contact (delete)", records=1)
        except ContactGone:
            return

    def join_group(self, name: str, contact_ids: Sequence[int]) -> bool:
        """Put contacts into a segment that exists. Returns False where eSputnik has no segment of this name."""
        group = self._group_id(name)
        if group is None or not contact_ids:
            return group is not None
        for start in range(0, len(contact_ids), ATTACH_AT_MOST):
            ids = list(contact_ids[start : start + ATTACH_AT_MOST])
            self._once_more_if_duplicate(
                "POST", f"/v1/group/{group}/contacts/attach", "group (attach)", {"contactIds": ids}, records=len(ids)
            )
        return True

    def has_group(self, name: str) -> bool:
        """Whether the account has a segment of exactly this name."""
        return self._group_id(name) is not None

    def additional_fields(self) -> dict[int, str]:
        """The account's additional fields: {id: name}."""
        return answers.additional_fields(self._transport.call("GET", "/v1/addressbooks", endpoint="addressbooks"))

    def _group_id(self, name: str) -> int | None:
        if name not in self._groups:
            query = {"name": name, "startindex": 1, "maxrows": SEARCH_PAGE}
            found = answers.as_list(self._transport.call("GET", "/v1/groups", endpoint="groups", query=query))
            ids = [
                answers.contact_id(group) for group in found if isinstance(group, dict) and group.get("name") == name
            ]
            self._groups[name] = next((group_id for group_id in ids if group_id is not None), None)
        return self._groups[name]

    def set_unsubscribed(self, emails: Sequence[str], *, unsubscribed: bool) -> None:
        """Put addresses on the list that gets no bulk mail, or take them off it (§2, opt-out)."""
        verb = "add" if unsubscribed else "delete"
        self._once_more_if_duplicate(
            "POST",
            f"/v1/emails/unsubscribed/{verb}",
            f"emails/unsubscribed/{verb}",
            {"emails": list(emails)},
            records=len(emails),
        )

    # ---------------------------------------------------------------- orders

    def send_orders(self, orders: Sequence[dict[str, Any] | msgspec.Raw], *, patient: bool = True) -> list[Any]:
        """Upsert orders; each one that is taken fires `order<STATUS>`.

        A request without an answer is repeated, byte for byte, at most once in the life of this client, since every
        repeat may be a second mail.

        Args:
            orders: the payloads, as they are or as JSON.
            patient: after a 5xx wait until the guard against duplicates is over, and send once more.

        Returns:
            The elements of `failedOrders`.

        Raises:
            NoAnswer: it is not known which of these orders were taken.
        """
        answer = self._once_more_if_duplicate(
            "POST",
            "/v1/orders",
            "orders",
            {"orders": list(orders)},
            records=len(orders),
            allowance=self._order_repeats,
            again_after_5xx=patient,
        )
        if (message := answers.error_message(answer)) is not None:
            raise RequestRefused("orders_refused", status=200, answer=message)
        if (message := answers.unclear(answer, "failedOrders")) is not None:
            doubt = NoAnswer("order_message")
            doubt.answer = message
            raise doubt
        return answers.refused_elements(answer, "failedOrders")

    # ---------------------------------------------------------------- duplicates

    def _once_more_if_duplicate(
        self,
        method: str,
        path: str,
        endpoint: str,
        body: Any,
        *,
        records: int,
        allowance: Allowance | None = None,
        again_after_5xx: bool = True,
    ) -> Any:
        """Send; after a 5xx, or a 409 that no lost answer explains, wait until the guard is over and send once more.

        Such a 409 follows a 5xx, or a run that was killed: whether the work was done is not known. What a 5xx left in
        doubt stays so, whatever keeps it from being sent once more.
        """

        def call() -> Any:
            try:
                return self._transport.call(
                    method,
                    path,
                    endpoint=endpoint,
                    body=body,
                    records=records,
                    allowance=allowance,
                )
            except ContactGone:
                if method == "PUT":
                    raise
                raise NotEsputnik("no_such_call", endpoint=endpoint) from None

        doubt: NoAnswer | None = None
        try:
            return call()
        except DuplicateRequest:
            pass
        except NoAnswer as lost:
            if not (lost.after_5xx and again_after_5xx):
                raise
            doubt = lost
        try:
            self.wait_out_duplicate_guard()
            return call()
        except DuplicateRequest:
            raise doubt or ServiceUnavailable("always_duplicate") from None
        except (ServiceUnavailable, NeedsPerson):
            if doubt is not None:
                raise doubt from None
            raise

    def wait_out_duplicate_guard(self) -> None:
        """Sleep until eSputnik has forgotten what was sent so far. Raises ServiceUnavailable when told to stop."""
        if not self._transport.sleep(self._duplicate_guard):
            raise ServiceUnavailable("stopped_waiting")
