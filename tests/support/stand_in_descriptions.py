"""OpenAPI descriptions of the calls that tap and target make, written from what the vendors document.

Requests are described loosely, since real clients send anything; answers strictly: what is listed here is what the
target and the tap must be able to read. `§` numbers are those of the switches' sources in sandbox/README.md.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
ANY_TEXT: Json = {"type": ["string", "integer", "null"]}


def object_of(required: list[str] | None = None, *, closed: bool = False, **properties: Json) -> Json:
    """Describe an object."""
    return {
        "type": "object",
        "properties": properties,
        "required": required or [],
        **({"additionalProperties": False} if closed else {}),
    }


def list_of(items: Json, **more: Any) -> Json:
    """Describe a list."""
    return {"type": "array", "items": items, **more}


def or_anything(schema: Json) -> Json:
    """Describe what is this, or nothing of the kind."""
    return {"anyOf": [schema, {"type": ["string", "number", "null", "array", "boolean"]}]}


def answers(**by_status: Json | None) -> Json:
    """Describe what may be answered: `s200=…`; None: an empty body or a sentence, of which nobody reads anything."""
    return {
        name[1:]: {"description": "", **({"content": {"application/json": {"schema": schema}}} if schema else {})}
        for name, schema in by_status.items()
    }


def body(schema: Json) -> Json:
    """Describe what is sent."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def described(title: str, paths: Json) -> Json:
    """Make a whole description."""
    for path, methods in paths.items():
        for method, operation in methods.items():
            operation["operationId"] = f"{method} {path}"
    return {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": paths}


# -------------------------------------------------------------------- Horoshop

WORDS = ["OK", "ERROR", "EMPTY", "AUTHORIZATION_ERROR", "UNAUTHORIZED", "HTTP_ERROR", "UNDEFINED_FUNCTION"]


def envelope(response: Json) -> Json:
    """Describe the envelope of the shop's answers: success with this inside, or a refusal."""
    refusal = object_of(["status", "response"], status={"enum": WORDS}, response={"type": ["object", "array"]})
    success = object_of(["status", "response"], status={"const": "OK"}, response=response)
    return {"if": object_of(["status"], status={"const": "OK"}), "then": success, "else": refusal}


def shop_call(response: Json, **parameters: Json) -> Json:
    """Describe one call of the shop."""
    sent = object_of(token=ANY_TEXT, **parameters)
    return {"post": {"requestBody": body(sent), "responses": answers(s200=envelope(response), s401=envelope(response))}}


PAGE: Json = {
    "offset": {"type": ["integer", "string", "null"]},
    "limit": {"type": ["integer", "string", "null"]},
    "from": {"type": ["string", "null"]},
    "to": {"type": ["string", "null"]},
}
ORDER = object_of(
    ["order_id", "user", "stat_created", "stat_status", "delivery_email", "total_sum", "products"],
    order_id=WHOLE,
    user=WHOLE,
    stat_created={"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"},
    stat_status=WHOLE,
    delivery_email=TEXT,
    total_sum={"type": "number"},
    products=list_of(object_of(["title", "article", "price", "quantity"], title=TEXT, article=TEXT)),
)
USER = object_of(["id", "title", "email", "registered"], id=WHOLE, title=TEXT, email=TEXT, registered=TEXT)
SHOP = described(
    "Horoshop",
    {
        "/api/auth/": shop_call(object_of(["token"], token=TEXT), login=ANY_TEXT, password=ANY_TEXT),
        "/api/orders/get/": shop_call(
            object_of(["orders"], orders=list_of(ORDER)),
            **PAGE,
            ids={"type": ["array", "string", "null"], "items": ANY_TEXT},
            status={"type": ["array", "string", "integer", "null"]},
            additionalData={"type": ["boolean", "integer", "null"]},
        ),
        "/api/orders/get_available_statuses/": shop_call(
            object_of(["statuses"], statuses={"type": ["object", "array"]})
        ),
        "/api/users/export/": shop_call(object_of(["users"], users=list_of(USER)), **PAGE),
    },
)

# -------------------------------------------------------------------- eSputnik

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0, "maximum": 2**31}}
SESSION = ID | {"schema": {"type": "string", "pattern": "^[a-z0-9-]+$"}}
GROUP = object_of(["id", "name"], id=WHOLE, name=TEXT)
CHANNEL = object_of(["type", "value"], type={"enum": ["email", "sms"]}, value=TEXT)
CONTACT = object_of(
    firstName={"type": ["string", "null"]},
    lastName={"type": ["string", "null"]},
    channels=list_of(or_anything(CHANNEL), maxItems=3),
    externalCustomerId=ANY_TEXT,
    address=object_of(region=TEXT, town=TEXT, address=TEXT, postcode=TEXT),
    fields=list_of(object_of(["id", "value"], id=WHOLE, value=TEXT), maxItems=3),
    languageCode=TEXT,
)
SHOWN = object_of(
    ["id", "channels", "address", "fields", "groups"],
    id=WHOLE,
    channels=list_of(object_of(["type", "value"], type=TEXT, value=TEXT)),
    groups=list_of(GROUP),
)
ITEM = object_of(externalItemId=ANY_TEXT, name=TEXT, quantity=WHOLE, cost={"type": "number"})
SENT_ORDER = object_of(
    externalOrderId=ANY_TEXT,
    externalCustomerId=ANY_TEXT,
    email={"type": ["string", "null"]},
    phone={"type": ["string", "null"]},
    totalCost={"type": ["number", "string", "null"]},
    status={"type": ["string", "null"]},
    date={"type": ["string", "null"]},
    currency={"type": ["string", "null"]},
    items=list_of(or_anything(ITEM), maxItems=3),
    additionalInfo=object_of(),
)
REFUSED: dict[str, Json | None] = {
    "s400": None,
    "s401": object_of(["status"], status=WHOLE),
    "s404": None,
    "s409": None,
}
TAKEN = object_of(["id"], id=WHOLE)
SEARCHES = ("email", "sms", "externalCustomerId", "firstname", "startindex", "maxrows")


def query(*names: str) -> list[Json]:
    """Describe parameters of a query."""
    return [{"name": name, "in": "query", "required": False, "schema": TEXT} for name in names]


def writes(schema: Json, *, answer: Json | None = None, parameters: list[Json] | None = None) -> Json:
    """Describe a call that sends something."""
    operation = {"requestBody": body(schema), "responses": answers(s200=answer, **REFUSED)}
    return operation | ({"parameters": parameters} if parameters else {})


def reads(answer: Json | None, parameters: list[Json] | None = None) -> Json:
    """Describe a call that sends nothing."""
    return {"responses": answers(s200=answer, **REFUSED)} | ({"parameters": parameters} if parameters else {})


IDS = object_of(contactIds=list_of(WHOLE, maxItems=5), externalCustomerIds=list_of(TEXT, maxItems=5))
BULK = object_of(
    contacts=list_of(or_anything(CONTACT), maxItems=4),
    dedupeOn=TEXT,
    contactFields=list_of(TEXT, maxItems=5),
    customFieldsIDs=list_of(WHOLE, maxItems=3),
    groupNames=list_of(TEXT, maxItems=3),
    fieldId={"type": ["integer", "null"]},
)
SUBSCRIBE = object_of(contact=or_anything(CONTACT), formType=TEXT, groups=list_of(TEXT, maxItems=3))
ESPUTNIK = described(
    "eSputnik",
    {
        "/api/v1/account/info": {"get": reads(object_of(["organisationName"], organisationName=TEXT))},
        "/api/v1/addressbooks": {"get": reads(object_of(["addressBook"]))},
        "/api/v1/contacts": {
            "get": reads(list_of(SHOWN), query(*SEARCHES)),
            "post": writes(
                BULK, answer=object_of(["id"], id=WHOLE, asyncSessionId=TEXT, failedContacts={"type": "array"})
            ),
        },
        "/api/v1/contact/subscribe": {"post": writes(SUBSCRIBE, answer=TAKEN)},
        "/api/v1/contact": {"post": writes(CONTACT, answer=TAKEN)},
        "/api/v1/contact/{id}": {
            "get": reads(SHOWN, [ID]),
            "put": writes(CONTACT, parameters=[ID]),
            "delete": reads(None, [ID]),
        },
        "/api/v1/importstatus/{id}": {
            "get": reads(
                object_of(["status"], status=TEXT), [{**ID, "schema": {"type": "string", "pattern": "^[a-z0-9-]+$"}}]
            )
        },
        "/api/v1/groups": {
            "get": reads(
                list_of(object_of(["id", "name"], id=WHOLE, name=TEXT)), query("name", "startindex", "maxrows")
            )
        },
        "/api/v1/group/{id}/contacts/attach": {"post": writes(IDS, parameters=[ID])},
        "/api/v1/emails/unsubscribed/add": {"post": writes(object_of(emails=list_of(TEXT, maxItems=4)))},
        "/api/v1/emails/unsubscribed/delete": {"post": writes(object_of(emails=list_of(TEXT, maxItems=4)))},
        "/api/v1/orders": {"post": writes(object_of(orders=list_of(or_anything(SENT_ORDER), maxItems=4)))},
    },
)
