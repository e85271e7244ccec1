"""Reading what providers and banks send: a payout's movements, a statement's lines.

Both are CSV with a header (RFC 4180, UTF-8, a BOM is passed over). Amounts are decimals with a
point; a column that a provider names otherwise is mapped by its `config`:
`{"settlement_columns": {"reference": "charge_id", …}}`.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from payments import scrubbing
from payments.errors import SettlementFileError
from payments.models import BankLine, Provider, Settlement, SettlementLine
from payments.models.settlements import SettlementLineKind

# What a line of a payout must say, and what it may.
NEEDED = ("payout", "date", "type", "reference", "gross", "fee", "net", "currency")
OPTIONAL = ("key", "original_amount", "original_currency")
BANK_NEEDED = ("id", "date", "amount", "currency", "reference")
# The line that says what a payout comes to; without one it is the sum of the others.
PAYOUT = "payout"
# ISO 4217: currencies without, or with three, decimal places; all others of ours have two.
DECIMALS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3, "JOD": 3}


@dataclass(frozen=True)
class _Row:
    """A line of a file, by the names of ours; its number counts from 1, the header's."""

    file: str
    number: int
    cells: Mapping[str, str]

    def error(self, column: str, what: str) -> SettlementFileError:
        return SettlementFileError(f"{self.file}, line {self.number}, column {column}: {what}")

    def text(self, column: str, length: int) -> str:
        value = self.cells.get(column, "").strip()
        if len(value) > length:
            raise self.error(column, f"longer than {length} characters")
        return scrubbing.text(value, length)

    def minor(self, column: str, currency: str) -> int:
        value = self.cells.get(column, "").strip()
        places = DECIMALS.get(currency, 2)
        try:
            scaled = Decimal(value).scaleb(places)
        except InvalidOperation:
            raise self.error(column, "not an amount such as 12.34") from None
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise self.error(column, f"{currency} has {places} decimal places")
        if abs(scaled) >= 10**17:
            raise self.error(column, "too large")
        return int(scaled)

    def day(self, column: str) -> date:
        try:
            return date.fromisoformat(self.cells.get(column, "").strip()[:10])
        except ValueError:
            raise self.error(column, "not a date such as 2026-03-31") from None

    def currency(self, column: str) -> str:
        value = self.cells.get(column, "").strip().upper()
        if len(value) != 3 or not value.isalpha():
            raise self.error(column, "not a currency such as CAD")
        return value

    def key(self) -> UUID | None:
        value = self.cells.get("key", "").strip()
        try:
            return UUID(value) if value else None
        except ValueError:
            raise self.error("key", "not a UUID") from None


def import_settlement(provider: Provider, path: str | Path) -> Settlement:
    """Import the file of a provider's payout, whole or not at all.

    Args:
        provider: who sent it.
        path: the file; one payout with its movements.

    Returns:
        The payout, to be matched.

    Raises:
        SettlementFileError: the file cannot be read, is of several payouts, or was imported before.
    """
    content, digest = _read(path)
    columns = provider.config.get("settlement_columns", {})
    rows = list(_rows(Path(path).name, content, NEEDED, OPTIONAL, columns))
    with transaction.atomic():
        settlement = _settlement(provider, Path(path).name, rows, digest)
        _copy_lines(settlement, [row for row in rows if row.cells["type"] != PAYOUT])
    return settlement


def import_bank(path: str | Path) -> int:
    """Import a bank's statement, whole or not at all; lines that stand already are passed over.

    Returns:
        How many lines are new.

    Raises:
        SettlementFileError: the file cannot be read.
    """
    content, _ = _read(path)
    lines = [
        BankLine(
            external_id=row.text("id", 80),
            booked_on=row.day("date"),
            currency=(currency := row.currency("currency")),
            amount_minor=row.minor("amount", currency),
            reference=row.text("reference", 140),
        )
        for row in _rows(Path(path).name, content, BANK_NEEDED, (), {})
    ]
    with transaction.atomic():
        before = BankLine.objects.count()
        BankLine.objects.bulk_create(lines, batch_size=2000, ignore_conflicts=True)
        return BankLine.objects.count() - before


def _read(path: str | Path) -> tuple[str, str]:
    try:
        raw = Path(path).read_bytes()
        return raw.decode("utf-8-sig"), hashlib.sha256(raw).hexdigest()
    except OSError as error:
        raise SettlementFileError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettlementFileError(f"{path} is not UTF-8") from None


def _rows(
    name: str, content: str, needed: tuple[str, ...], optional: tuple[str, ...],
    columns: Mapping[str, str],
) -> Iterator[_Row]:  # fmt: skip
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        places = {
            ours: header.index(theirs)
            for ours in (*needed, *optional)
            if (theirs := columns.get(ours, ours).lower()) in header
        }
        missing = [columns.get(ours, ours) for ours in needed if ours not in places]
        if missing:
            raise SettlementFileError(f"{name} has no column {', '.join(missing)}")
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise SettlementFileError(
                    f"{name}, line {reader.line_num}: {len(cells)} columns instead of {len(header)}"
                )
            yield _Row(
                name, reader.line_num, {ours: cells[place] for ours, place in places.items()}
            )
    except csv.Error as error:
        raise SettlementFileError(f"{name}, line {reader.line_num}: {error}") from None


def _settlement(provider: Provider, name: str, rows: list[_Row], digest: str) -> Settlement:
    if not rows:
        raise SettlementFileError(f"{name} has no line")
    before = Settlement.objects.filter(file_sha256=digest).first()
    if before is not None:
        raise SettlementFileError(f"{name} was imported before, as payout {before}")
    payouts = {row.text("payout", 64) for row in rows}
    if len(payouts) > 1:
        raise SettlementFileError(f"{name} is of {len(payouts)} payouts; import one at a time")
    (payout,) = payouts
    if Settlement.objects.filter(provider=provider, payout_reference=payout).exists():
        raise SettlementFileError(f"{name}: payout {payout} was imported before from another file")
    currency = rows[0].currency("currency")
    for row in rows:
        if row.currency("currency") != currency:
            raise row.error("currency", f"the payout is in {currency}")
    totals = [row for row in rows if row.cells["type"] == PAYOUT]
    if len(totals) > 1:
        raise totals[1].error("type", "a second line of type payout")
    gross, fee, net = (
        sum(row.minor(column, currency) for row in totals or rows)
        for column in ("gross", "fee", "net")
    )
    if net != gross - fee:
        raise (totals or rows)[0].error("net", "not gross less fee")
    return Settlement.objects.create(
        provider=provider,
        payout_reference=payout,
        payout_date=rows[-1].day("date"),
        gross_minor=gross,
        fee_minor=fee,
        net_minor=net,
        currency=currency,
        file_sha256=digest,
    )


def _copy_lines(settlement: Settlement, rows: list[_Row]) -> None:
    """Write the lines by COPY: a payout of a year has a hundred thousand."""
    fields = (
        "settlement", "kind", "provider_reference", "provider_key", "gross_minor", "fee_minor",
        "net_minor", "original_minor", "original_currency",
    )  # fmt: skip
    columns = [SettlementLine._meta.get_field(name).attname for name in fields]  # type: ignore[union-attr]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(SettlementLine._meta.db_table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    values = _values(settlement)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(values(row))


def _values(settlement: Settlement) -> Callable[[_Row], tuple[object, ...]]:
    currency = settlement.currency
    kinds = set(SettlementLineKind.values)

    def values(row: _Row) -> tuple[object, ...]:
        kind = row.cells["type"].strip()
        if kind not in kinds:
            raise row.error("type", f"not one of {', '.join(sorted(kinds))}, {PAYOUT}")
        gross, fee, net = (row.minor(column, currency) for column in ("gross", "fee", "net"))
        if net != gross - fee:
            raise row.error("net", "not gross less fee")
        original = row.cells.get("original_currency", "").strip() and row.currency(
            "original_currency"
        )
        minor = row.minor("original_amount", original) if original else None
        return (
            settlement.pk, kind, row.text("reference", 80), row.key(), gross, fee, net, minor,
            original,
        )  # fmt: skip

    return values
