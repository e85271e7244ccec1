"""Keeping card data out: what is stored never holds a card's number, code, track or PIN.

PCI DSS 4.0, requirement 3.3: sensitive authentication data are not kept after authorization, and a
number only by its last four digits. Texts are scrubbed before they are stored; a CHECK in the
database refuses what was forgotten; `scan` looks for what a table holds all the same.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CheckConstraint
from django.db.models.functions import Cast, Coalesce
from psycopg import sql
from stdnum import luhn

# As `payment_has_card_number` in sql/0002_card_numbers.sql.
_RUN = re.compile(
    r"(?<![0-9A-Fa-f])(?P<uuid>[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})(?![0-9A-Fa-f])"
    r"|(?<![0-9])(?:[2-6][0-9]{12,18}"
    r"|[2-6][0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]{1,4}(?:[ -][0-9]{1,3})?"
    r"|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])"
)
# Magnetic stripe (ISO/IEC 7813): track 1 begins with %B, track 2 with a semicolon.
_TRACK = re.compile(r"%B[0-9]{8,19}\^[^?]{2,}\??|;[0-9]{8,19}=[0-9]{4,}\??")
# Names under which providers send what is never kept; a name is compared without its punctuation.
_FORBIDDEN = frozenset(
    [
        "cvc", "cvv", "cvv2", "cvc2", "cid", "cav2", "csc", "securitycode", "verificationvalue",
        "cardnumber", "pan", "primaryaccountnumber", "track", "track1", "track2", "track1data",
        "track2data", "trackdata", "magstripe", "pin", "pinblock", "encryptedpin",
    ]
)  # fmt: skip
NUMBER = "[card number]"
REMOVED = "[removed]"


class HasCardNumber(models.Func):
    """Whether a text holds what can be a card's number."""

    function = "payment_has_card_number"
    arity = 1
    output_field = models.BooleanField()


def no_card(field: str, name: str) -> CheckConstraint:
    """Return the check that a column of text or JSON holds no card's number."""
    text = Coalesce(Cast(field, models.TextField()), models.Value(""))
    return CheckConstraint(condition=~models.Q(HasCardNumber(text)), name=name)


def text(value: str, length: int = 2000) -> str:
    """Return a text without card numbers and tracks, and no longer than it may be.

    Args:
        value: what somebody else wrote.
        length: in characters.
    """
    value = _TRACK.sub(REMOVED, value.replace("\x00", ""))
    return _RUN.sub(_masked, value)[:length]


def _masked(run: re.Match[str]) -> str:
    if run["uuid"]:
        return run[0]
    digits = re.sub("[^0-9]", "", run[0])
    return f"{NUMBER[:-1]} …{digits[-4:]}]" if luhn.is_valid(digits) else run[0]


def data(value: Any) -> Any:
    """Return JSON without card numbers, tracks, and the fields that are never kept."""
    match value:
        case dict():
            return {
                text(key): REMOVED if _is_forbidden(key) and member else data(member)
                for key, member in value.items()
            }
        case list():
            return [data(member) for member in value]
        case str():
            return text(value, length=len(value) + 100)
        case int() if not isinstance(value, bool) and text(str(value)) != str(value):
            return text(str(value))
    return value


def _is_forbidden(key: str) -> bool:
    return re.sub("[^a-z0-9]", "", key.lower()) in _FORBIDDEN


class ScrubbingFilter(logging.Filter):
    """Takes card numbers out of what is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass, scrubbed."""
        message = record.getMessage()
        clean = text(message, length=len(message) + 100)
        if clean != message:
            record.msg, record.args = clean, None
        return True


_COLUMNS = """
SELECT c.relname, a.attname
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped
  AND a.atttypid::regtype::text IN ('text', 'character varying', 'character', 'jsonb', 'json')
  AND a.attname !~ '(sha256|digest)$'
ORDER BY 1, 2
"""


def scan(connection: BaseDatabaseWrapper, schema: str) -> list[tuple[str, str, int]]:
    """Look for card numbers in every column of text and JSON of a tenant's schema.

    Args:
        connection: of a role that may read it.
        schema: the tenant's.

    Returns:
        Table, column and number of rows, for each column that holds what can be a card's number.
        Digests are passed over: their digits are nobody's.
    """
    found = []
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [schema])
        for table, column in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT count(*) FROM {table} WHERE {function}({column}::text)").format(
                    table=sql.Identifier(schema, table),
                    function=sql.Identifier(schema, "payment_has_card_number"),
                    column=sql.Identifier(column),
                )
            )
            (rows,) = cursor.fetchone()
            if rows:
                found.append((table, column, rows))
    return found
