"""A ledger with one of everything, for the statistics page: what a shop has, and what a shopper may type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_driver import contact, order

if TYPE_CHECKING:
    from target_driver import Driver

MARK = "<script>alert('{place}')</script>\"'><img src=x onerror=alert(1)>&amp;"
"""What a shopper may type anywhere; `place` says where, so that a test can say what was shown."""

PERSONAL = ("Секретна", "Таємниченко", "canary.person@example.com", "+380671112233", "вул. Прихована, 5", "подзвоніть")
PACKED = {"status_id": 7, "status_title": "Комплектується", "status_titles": {"ua": "Комплектується"}}

PATHS = (
    "/",
    "/?period=all",
    "/days?period=30d",
    "/orders",
    "/orders?result=rejected",
    "/contacts",
    "/order/1",
    "/order/2",
    "/order/3",
    "/order/4",
    "/order/6",
    "/order/8",
    "/contact/7",
    "/runs",
    "/shops",
    "/run/1",
    "/run/4",
    "/orders.csv?period=all",
    "/orders.json?period=all",
    "/contacts.csv",
    "/contacts.json",
)
"""One of every page, and of each kind of order."""


def tell(target: Driver) -> None:
    """Let the target meet customers and orders of every kind, in four runs."""
    person = {"email": PERSONAL[2], "phone": PERSONAL[3], "first_name": PERSONAL[0], "last_name": PERSONAL[1]}
    home = {"city": "Львів", "address": PERSONAL[4]}
    ways = {"delivery_type": "Нова Пошта", "payment_type": "Картка"}
    target(
        contacts=[contact(7, **person, **home), *[contact(number) for number in range(20, 30)]],
        orders=[
            order(1, **person, **home, **ways, comment=PERSONAL[5]),
            order(2, email=None, phone=None),
            order(3, **PACKED),
            order(4, created_at="2019-05-01T00:00:00+03:00"),
            order(5, first_name="=HYPERLINK(1)", last_name="", email="guest5@example.com"),
            order(
                6,
                email="marked@example.com",
                first_name=MARK.format(place="name"),
                comment=MARK.format(place="comment"),
                status_title=MARK.format(place="status"),
                address=MARK.format(place="address"),
                delivery_type=MARK.format(place="delivery"),
                products=[
                    {
                        "article": MARK.format(place="article"),
                        "title": MARK.format(place="title"),
                        "price": 420,
                        "quantity": 1,
                        "total_price": 420,
                    }
                ],
            ),
            *[order(number) for number in range(100, 160)],
        ],
        order_statuses=[
            {"id": 1, "title": "Нове", "titles": {"ua": "Нове"}, "is_successful": False},
            {"id": 7, "title": "Комплектується", "titles": {"ua": "Комплектується"}, "is_successful": False},
        ],
    )
    target(
        orders=[
            order(1, **person, **home, **ways, comment=PERSONAL[5], status_id=3, status_title="Доставлено", total=400)
        ]
    )
    target.sandbox.fail(api="esputnik", path="/v1/orders", times=1, kind="status", status=400)
    target(orders=[order(8)])
    target(orders=[], api_key="withdrawn")
