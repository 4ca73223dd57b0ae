"""Every question of the probe: the one table of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_esputnik.probe.account_questions import ACCOUNT, PACE, SEARCH, UNSEEN
from target_esputnik.probe.contact_questions import CONFIRMATION, IMPORT, SUBSCRIBE
from target_esputnik.probe.order_questions import ORDERS
from target_esputnik.probe.shop_questions import SHOP

if TYPE_CHECKING:
    from target_esputnik.probe.question import Question

TABLE: Final[tuple[Question, ...]] = (
    *CONFIRMATION, *SUBSCRIBE, *IMPORT, *ORDERS, *ACCOUNT, *SEARCH, *PACE, *SHOP, *UNSEEN,
)  # fmt: skip

BY_NAME: Final[dict[str, Question]] = {question.name: question for question in TABLE}
