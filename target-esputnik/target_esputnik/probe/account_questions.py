"""What the probe asks about the key, the answers' shapes, search, guard and pace; and what nobody can settle."""

from __future__ import annotations

from typing import Final

from target_esputnik.probe.question import NOBODY, Question, question

_READS_BOTH: Final = "Nothing changes: the target reads both."
_FULL: Final = "api_key: make a key with Full access (eSputnik: Settings → API)"

ACCOUNT: Final[tuple[Question, ...]] = (
    question(
        "account_info",
        "Does account/info name the account's number?",
        "It is read.",
        with_org="It does: the ledger tells this account by its number.",
        without_org="It does not: the ledger tells it by its name. Do not rename the organisation in eSputnik.",
    ),
    question(
        "key_scope",
        "What may the key do?",
        "One harmless call of each kind is tried: a search, a refused order, taking an address off the unsubscribed "
        "list, a refused event.",
        full="Everything that the target needs.",
        contacts=("Contacts and events, but no orders.", _FULL),
        contacts_write=("It may add contacts, but not search them: the target cannot work with it.", _FULL),
        events=("Events only: the target cannot work with it.", _FULL),
        messages=("Messages only: the target cannot work with it.", _FULL),
        disabled=("Nothing: it is wrong or switched off.", _FULL),
        other=("A mixture that is not documented.", _FULL),
    ),
    question(
        "error_body",
        "How are refusals worded?",
        "The first refusal that comes is read.",
        text="As a sentence.",
        json="As JSON. `rejected --show-answers` shows either as it came.",
    ),
    question("ids", "Are contact ids numbers?", "A contact is read.", numbers=_READS_BOTH, strings=_READS_BOTH),
    question(
        "single_element",
        "Does a list of one element come as a list?",
        "A contact with one address is read.",
        list=_READS_BOTH,
        object=_READS_BOTH,
    ),
)

SEARCH: Final[tuple[Question, ...]] = (
    question(
        "search_email",
        "How exactly does the search compare addresses?",
        "A contact is looked for by its whole address, by its beginning, and by its end.",
        exact=_READS_BOTH,
        prefix="By the beginning. The target compares each found address itself.",
        contains="By any part. The target compares each found address itself.",
    ),
    question(
        "search_case",
        "Does the search see case?",
        "A contact is looked for in capitals.",
        insensitive="It does not: an address is found however it is typed.",
        sensitive="It does: an address at eSputnik in other capitals than the shop's may be missed, and then doubled.",
    ),
    question(
        "search_none",
        "What does a search answer that finds nobody?",
        "An address that cannot be there is looked for.",
        list=_READS_BOTH,
        empty=_READS_BOTH,
        not_found=_READS_BOTH,
    ),
)

PACE: Final[tuple[Question, ...]] = (
    question(
        "duplicate_guard",
        "Which calls are refused as duplicates within a minute?",
        "A subscribe, an import and an order are each sent twice.",
        off="None: a request whose answer was lost and that is sent again is done twice.",
        subscribe="subscribe alone: an order whose answer was lost and that is sent again is done twice.",
        all="All of them: a request whose answer was lost is never done twice within a minute.",
        some="Some of them; the evidence names which.",
    ),
    question(
        "rate_limit",
        "Does eSputnik slow this pace down?",
        "Every answer is watched; nothing is sent faster than max_requests_per_second.",
        not_met="It did not.",
        met=("It did (HTTP 429): its limit is below the pace.", "max_requests_per_second: half of what it is"),
    ),
    question(
        "search_rate_limit",
        "Does eSputnik slow searches down?",
        "Every answer to a search is watched.",
        not_met="It did not.",
        met=("It did (HTTP 429).", "max_requests_per_second: half of what it is"),
    ),
    question(
        "retry_after",
        "Does a 429 say how long to wait?",
        "If one comes, it is read.",
        none="It does not: the target halves its pace and tries again.",
        seconds="In seconds; the target waits so long.",
        date="By a date; the target waits until then.",
    ),
)

UNSEEN: Final[tuple[Question, ...]] = (
    question(
        "duplicate_guard_arms",
        "Does the guard remember requests that failed with 5xx?",
        "It shows only when eSputnik itself fails, and the probe cannot make it. The target survives both: it waits 61 "
        "seconds and sends once more.",
        NOBODY,
    ),
    question(
        "import_session_life",
        "For how long does eSputnik know an import's session?",
        "It would take days. The target treats a forgotten session like an import whose end is unknown.",
        NOBODY,
    ),
    question(
        "exact_limits",
        "At how many requests a second does eSputnik say 429?",
        "Only a flood would show it, and that would harm the account. The target finds its pace by itself.",
        NOBODY,
    ),
)
