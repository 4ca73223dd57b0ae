"""JSON Schemas of the three streams, as the contract names their fields."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

ANY_OBJECT = th.ObjectType(additional_properties=True)

ORDER_STATUSES: dict[str, Any] = th.PropertiesList(
    th.Property("id", th.IntegerType, required=True, description="The status's id in the shop."),
    th.Property("title", th.StringType, description="Its title in Ukrainian, else in the first language there is."),
    th.Property("titles", ANY_OBJECT, description="Language to title."),
    th.Property("is_successful", th.BooleanType, description="Whether the shop counts such orders as sold."),
    th.Property("extra", ANY_OBJECT, description="What else the API told."),
).to_dict()

CONTACTS: dict[str, Any] = th.PropertiesList(
    th.Property("id", th.IntegerType, required=True, description="The customer's id in the shop."),
    th.Property("email", th.StringType),
    th.Property("phone", th.StringType, description="As the shop has it."),
    th.Property("full_name", th.StringType),
    th.Property("first_name", th.StringType),
    th.Property("last_name", th.StringType),
    th.Property("middle_name", th.StringType, description="The patronymic."),
    th.Property("country", th.StringType),
    th.Property("city", th.StringType),
    th.Property("address", th.StringType),
    th.Property("registered_at", th.DateTimeType, required=True, description="With the offset of the shop's zone."),
    th.Property("newsletter_subscribed", th.BooleanType, description="Null: the shop does not say."),
    th.Property("note", th.StringType),
    th.Property("company", th.StringType),
    th.Property("role", th.StringType),
    th.Property("customer_group_id", th.IntegerType),
    th.Property("balance", th.NumberType),
    th.Property("balance_currency", th.StringType),
    th.Property("manager", ANY_OBJECT),
    th.Property("extra", ANY_OBJECT, description="What else the API told."),
).to_dict()

PRODUCT = th.ObjectType(
    th.Property("article", th.StringType),
    th.Property("title", th.StringType),
    th.Property("price", th.NumberType, description="Of one unit, after the product's own discount."),
    th.Property("quantity", th.NumberType),
    th.Property("total_price", th.NumberType),
    th.Property("type", th.StringType, description="product, gift, gift_parent, set_main or set_item."),
    th.Property("discount_marker", th.StringType),
    th.Property("storage_id", th.IntegerType),
    th.Property("parent_storage_id", th.IntegerType),
    th.Property("extra", ANY_OBJECT),
)

ORDERS: dict[str, Any] = th.PropertiesList(
    th.Property("order_id", th.IntegerType, required=True, description="The order's number."),
    th.Property("user_id", th.IntegerType, description="Not a customer key: guests get a new one for each order."),
    th.Property("created_at", th.DateTimeType, required=True, description="With the offset of the shop's zone."),
    th.Property("status_id", th.IntegerType),
    th.Property("status_title", th.StringType, description="In Ukrainian, else in the first language there is."),
    th.Property("status_titles", ANY_OBJECT, description="Language to title."),
    th.Property("email", th.StringType),
    th.Property("phone", th.StringType, description="As the shop has it."),
    th.Property("full_name", th.StringType),
    th.Property("first_name", th.StringType),
    th.Property("last_name", th.StringType),
    th.Property("middle_name", th.StringType, description="The patronymic."),
    th.Property("country", th.StringType),
    th.Property("city", th.StringType),
    th.Property("address", th.StringType),
    th.Property("delivery_type", th.StringType),
    th.Property("delivery_type_id", th.IntegerType),
    th.Property("delivery_price", th.NumberType, description="Null: the carrier's tariff, or not known."),
    th.Property("payment_type", th.StringType),
    th.Property("payment_type_id", th.IntegerType),
    th.Property("payment_price", th.NumberType),
    th.Property("paid", th.BooleanType),
    th.Property("total", th.NumberType, description="After order-level discounts, without delivery."),
    th.Property("total_before_discount", th.NumberType, description="Before order-level discounts."),
    th.Property("quantity", th.NumberType),
    th.Property("discount_percent", th.NumberType),
    th.Property("discount_value", th.NumberType),
    th.Property("coupon_code", th.StringType),
    th.Property("coupon_percent", th.NumberType),
    th.Property("coupon_discount", th.NumberType),
    th.Property("manager_discount", th.NumberType),
    th.Property("currency", th.StringType),
    th.Property("products", th.ArrayType(PRODUCT)),
    th.Property("comment", th.StringType),
    th.Property("manager_comment", th.StringType),
    th.Property("tracking_number", th.StringType),
    th.Property("tracking_status", th.StringType),
    th.Property("estimated_delivery", th.StringType, description="As the shop has it."),
    th.Property("utm_source", th.StringType),
    th.Property("utm_medium", th.StringType),
    th.Property("utm_campaign", th.StringType),
    th.Property("utm_term", th.StringType),
    th.Property("utm_content", th.StringType),
    th.Property("google_client_id", th.StringType),
    th.Property("extra", ANY_OBJECT, description="What else the API told."),
).to_dict()
