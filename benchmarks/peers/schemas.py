"""JSON Schemas of the shop's rows, for the peers that need one."""

TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
WHOLE = {"type": ["integer", "null"]}
FLAG = {"type": ["boolean", "null"]}
ANY_OBJECT = {"type": ["object", "null"], "additionalProperties": True}
NAMED = {"type": ["object", "null"], "properties": {"id": WHOLE, "title": TEXT}}


def of(properties):
    """Return the schema of an object."""
    return {"type": "object", "properties": properties}


CONTACT = of(
    {"id": {"type": "integer"}}
    | dict.fromkeys(("title", "email", "phone", "country", "city", "address", "registered", "note"), TEXT)
    | {"newsletter_subscription": WHOLE, "customer_group_id": WHOLE, "balance": NUMBER, "balance_currency": TEXT}
    | {"manager": ANY_OBJECT, "site_link": TEXT, "company": TEXT, "role": TEXT}
)
LINE = of(
    dict.fromkeys(("title", "article", "discount_marker", "type"), TEXT)
    | dict.fromkeys(("price", "quantity", "total_price"), NUMBER)
    | dict.fromkeys(("storage_id", "parent_storage_id"), WHOLE)
)
TEXTS = (
    "delivery_name", "delivery_email", "delivery_phone", "delivery_city", "delivery_city_stable", "delivery_address",
    "comment", "coupon_code", "stat_created", "currency", "manager_comment", "manager_discount_title",
)  # fmt: skip
NUMBERS = (
    "delivery_price", "payment_price", "total_default", "total_sum", "total_quantity", "discount_percent",
    "discount_value", "coupon_percent", "coupon_discount_value", "manager_discount",
)  # fmt: skip
ANALYTICS = of(
    dict.fromkeys(("utm_source", "utm_medium", "utm_term", "utm_content", "google_client_id"), TEXT)
    | {"utm_campaign": {"type": ["string", "integer", "null"]}}
)
ORDER = of(
    {"order_id": {"type": "integer"}}
    | dict.fromkeys(TEXTS, TEXT)
    | dict.fromkeys(NUMBERS, NUMBER)
    | dict.fromkeys(("user", "payed", "coupon_type", "stat_status", "manager_id"), WHOLE)
    | {"order_without_callback": FLAG, "delivery_type": NAMED, "payment_type": NAMED}
    | {"products": {"type": ["array", "null"], "items": LINE}, "analytics": ANALYTICS}
    | {"additional_data": {"type": ["object", "array", "null"]}, "delivery_data": ANY_OBJECT}
)
SCHEMAS = {"contacts": CONTACT, "orders": ORDER}
KEYS = {"contacts": "id", "orders": "order_id"}
