"""What every peer makes of a row: the shortest mapping that eSputnik takes. It cleans and checks nothing."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")
STATUSES = {1: "INITIALIZED", 2: "IN_PROGRESS", 3: "DELIVERED", 4: "CANCELLED", 6: "IN_PROGRESS"}
PAGE = 100
BULK = 1000


def contact_of(row):
    """Return a customer of users/export as a contact of eSputnik."""
    first, _, last = row["title"].partition(" ")
    return {
        "externalCustomerId": str(row["id"]),
        "firstName": first,
        "lastName": last,
        "channels": [{"type": "email", "value": row["email"]}, {"type": "sms", "value": row["phone"]}],
    }


def contacts_call(rows):
    """Return the body of a bulk call for contacts."""
    return {
        "dedupeOn": "email",
        "contactFields": ["firstName", "lastName", "email", "sms"],
        "contacts": [contact_of(row) for row in rows],
    }


def order_of(row):
    """Return an order of orders/get as an order of eSputnik."""
    first, _, last = row["delivery_name"].partition(" ")
    return {
        "externalOrderId": str(row["order_id"]),
        "email": row["delivery_email"],
        "phone": row["delivery_phone"],
        "firstName": first,
        "lastName": last,
        "status": STATUSES[row["stat_status"]],
        "date": datetime.strptime(row["stat_created"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=KYIV).isoformat(),
        "totalCost": float(row["total_sum"]),
        "shipping": max(float(row["delivery_price"]), 0),
        "currency": row["currency"],
        "deliveryMethod": row["delivery_type"]["title"],
        "paymentMethod": row["payment_type"]["title"],
        "deliveryAddress": f"{row['delivery_city']}, {row['delivery_address']}",
        "items": [
            {
                "externalItemId": line["article"],
                "name": line["title"],
                "quantity": int(line["quantity"]),
                "cost": float(line["price"]),
            }
            for line in row["products"]
        ],
    }


def orders_call(rows):
    """Return the body of a bulk call for orders."""
    return {"orders": [order_of(row) for row in rows]}


CALLS = {"contacts": ("/v1/contacts", contacts_call), "orders": ("/v1/orders", orders_call)}
READS = {"contacts": ("users/export", "users"), "orders": ("orders/get", "orders")}
