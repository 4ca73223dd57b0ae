"""The settings a person can give: one table, from which validation, `--about`, meltano.yml and the docs all come."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

MAX_DAYS = 3650

CONFIG_JSONSCHEMA: dict[str, Any] = th.PropertiesList(
    th.Property(
        "site_url",
        th.StringType,
        required=True,
        title="Shop address",
        description="The shop's address, such as `https://shop.example.com`. A bare host means https; `http://` is "
        "accepted for loopback hosts only.",
    ),
    th.Property(
        "username",
        th.StringType,
        required=True,
        title="User name",
        description="The login of an admin user of the shop. A user of its own for this integration is best.",
    ),
    th.Property(
        "password",
        th.StringType,
        required=True,
        secret=True,
        title="Password",
        description="The password of that admin user.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="Orders created and customers registered before this moment are not read. Without a zone offset "
        "it is the shop's time.",
    ),
    th.Property(
        "end_date",
        th.DateTimeType,
        title="End date",
        description="Orders created and customers registered after this moment are not read. Without a zone offset "
        "it is the shop's time.",
    ),
    th.Property(
        "order_lookback_days",
        th.IntegerType(minimum=0, maximum=MAX_DAYS),
        default=30,
        title="Lookback for orders, in days",
        description="How far behind the bookmark orders are read again on every run, to see how they changed.",
    ),
    th.Property(
        "final_statuses",
        th.ArrayType(th.IntegerType),
        default=[3, 4],
        title="Final order statuses",
        description="Ids of the statuses after which an order is over, together with those that the shop marks as "
        "successful.",
    ),
    th.Property(
        "follow_days",
        th.IntegerType(minimum=0, maximum=MAX_DAYS),
        default=180,
        title="Days an open order is followed",
        description="How long, counted from its creation, an order that is not over is followed beyond the lookback.",
    ),
    th.Property(
        "follow_reread_hours",
        th.IntegerType(minimum=0, maximum=24 * MAX_DAYS),
        default=24,
        title="Hours between two readings of followed orders",
        description="How often the followed orders beyond the lookback are read again (0: every run).",
    ),
    th.Property(
        "contacts_reread_hours",
        th.IntegerType(minimum=0, maximum=24 * MAX_DAYS),
        default=1,
        title="Hours between two readings of all customers",
        description="How often the whole list of customers is read again, to see edits (0: every run).",
    ),
    th.Property(
        "time_zone",
        th.StringType,
        default="Europe/Kyiv",
        title="Time zone of the shop",
        description="The zone of the shop's timestamps, which carry none themselves: a name of the tz database.",
    ),
    th.Property(
        "name_order",
        th.StringType,
        allowed_values=["auto", "first_last", "last_first"],
        default="auto",
        title="Order of names",
        description="How a full name is split: `first_last`, `last_first`, or `auto`, which decides for each name by "
        "patronymics, given names and Ukrainian surname endings.",
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=1000),
        default=100,
        title="Page size",
        description="Rows asked for in one request. 100 is what most clients of Horoshop use.",
    ),
    th.Property(
        "max_parallel_requests",
        th.IntegerType(minimum=1, maximum=32),
        default=4,
        title="Parallel requests",
        description="How many requests are under way at the same time. Records leave in order all the same.",
    ),
    th.Property(
        "max_requests_per_second",
        th.IntegerType(minimum=1, maximum=100),
        default=10,
        title="Requests per second",
        description="The most requests sent to the shop in one second.",
    ),
    th.Property(
        "request_timeout",
        th.IntegerType(minimum=1, maximum=600),
        default=60,
        title="Request timeout, in seconds",
        description="How long the shop may take to answer one request.",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        title="User-Agent",
        description="The User-Agent header of the requests; by default the name and version of this tap.",
    ),
    th.Property(
        "ca_bundle",
        th.StringType,
        title="CA bundle",
        description="Path of a PEM file with the certificate authorities to trust instead of the usual ones.",
    ),
    th.Property(
        "allow_private_hosts",
        th.BooleanType,
        default=False,
        title="Allow private hosts",
        description="Accept a shop whose address belongs to a private network. Refused otherwise, so that a setting "
        "cannot point the tap at your own network.",
    ),
).to_dict()
"""JSON Schema of the tap's own settings. The SDK adds those of stream maps and flattening."""
