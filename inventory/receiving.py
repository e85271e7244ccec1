"""Receiving what the wholesaler sent: cases become units, what nobody knows an exception."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from stdnum import ean, gs1_128
from stdnum.exceptions import ValidationError

from inventory import selectors
from inventory.errors import InventoryError
from inventory.models import Location, Lot, MovementType, Shipment, ShipmentLine, Stock
from inventory.services import Reference, adjust
from weedgo.store.models import Product

# What scanners send for the function character that ends a value of no fixed length.
FNC1 = "\x1d"
SYMBOLOGIES = ("]C1", "]d2", "]Q3", "]e0")


@dataclass(frozen=True)
class Label:
    """What a GS1-128 symbol on a case says; None or empty where it does not.

    Attributes:
        gtin: in 14 digits.
        lot: application identifier 10.
        packaged_on: application identifier 13.
        expires_on: application identifier 17.
        units: application identifier 30 or 37.
    """

    gtin: str
    lot: str = ""
    packaged_on: date | None = None
    expires_on: date | None = None
    units: int | None = None


@dataclass(frozen=True)
class AsnLine:
    """A line of an advance shipping notice.

    Attributes:
        case_gtin: any GTIN of the case or, where units come singly, of the unit.
        cases: how many of those.
        batch_lot: the lot; a lot that is appended to the GTIN may be left empty.
    """

    case_gtin: str
    cases: int
    batch_lot: str
    packaged_on: date | None = None
    expires_on: date | None = None
    unit_cost_minor: int = 0


@dataclass(frozen=True)
class Asn:
    """An advance shipping notice."""

    number: str
    lines: Sequence[AsnLine]
    shipped_at: datetime | None = None
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True)
class Receipt:
    """What came of a shipment.

    Attributes:
        shipment: the record of it.
        units: how many units went into stock.
        exceptions: the lines that somebody has to look at.
        repeated: whether the notice had been received before; nothing was done then.
    """

    shipment: Shipment
    units: int
    exceptions: Sequence[ShipmentLine]
    repeated: bool = False


def read_label(scanned: str) -> Label:
    """Read the GS1-128 symbol of a case.

    Args:
        scanned: with FNC1 as the group separator (0x1D), or with identifiers in parentheses.

    Raises:
        InventoryError: it is no GS1-128 text, or has no valid GTIN.
    """
    for symbology in SYMBOLOGIES:
        scanned = scanned.removeprefix(symbology)
    try:
        found = gs1_128.info(scanned.strip().lstrip(FNC1), separator=FNC1)
        gtin = ean.validate(str(found.get("01") or found["02"]))
    except (ValidationError, ValueError, KeyError) as error:
        raise InventoryError(f"{scanned!r} is no GS1-128 text with a valid GTIN") from error
    units = found.get("37") or found.get("30")
    return Label(
        gtin=str(gtin).zfill(14),
        lot=str(found.get("10", "")),
        packaged_on=found.get("13"),
        expires_on=found.get("17"),
        units=int(units) if units else None,
    )


def normalize(gtin: str) -> tuple[str | None, str]:
    """Return a GTIN in 14 digits, None if it is none, and the lot that was appended to it."""
    digits, _, lot = gtin.strip().partition(" ")
    if not lot and len(digits) > 14 and ean.is_valid(digits[:14]):
        digits, lot = digits[:14], digits[14:]
    return (digits.zfill(14), lot) if ean.is_valid(digits) else (None, lot)


@transaction.atomic
def receive(asn: Asn, location: Location, actor: int | None = None) -> Receipt:
    """Put what a notice names into stock; the same notice again does nothing.

    Args:
        asn: the notice.
        location: where it is unpacked.
        actor: the user who does it.
    """
    from django.utils import timezone

    now = timezone.now()
    shipment, new = Shipment.objects.get_or_create(
        asn_number=asn.number,
        defaults={
            "location": location,
            "carrier": asn.carrier,
            "tracking_number": asn.tracking_number,
            "shipped_at": asn.shipped_at,
            "arrived_at": max(now, asn.shipped_at or now),
            "received_by_id": actor,
        },
    )
    if new:
        lines = [_line(shipment, n, line, location) for n, line in _in_order(asn.lines)]
        _put_away(shipment, lines, actor)
    else:
        lines = list(shipment.lines.all())
    return Receipt(
        shipment=shipment,
        units=sum(x.cases_shipped * x.units_per_case for x in lines if x.inventory_id),
        exceptions=[line for line in lines if line.exception_code],
        repeated=not new,
    )


def _in_order(lines: Sequence[AsnLine]) -> list[tuple[int, AsnLine]]:
    """The lines with their numbers, in an order that all receipts take rows in."""
    return sorted(enumerate(lines, 1), key=lambda line: (line[1].case_gtin, line[1].batch_lot))


def _line(shipment: Shipment, number: int, line: AsnLine, location: Location) -> ShipmentLine:
    gtin, appended = normalize(line.case_gtin)
    lot = line.batch_lot or appended
    record = ShipmentLine(
        shipment=shipment,
        line_number=number,
        case_gtin=gtin,
        cases_shipped=line.cases,
        batch_lot=lot,
        packaged_on=line.packaged_on,
        expires_on=line.expires_on,
        unit_cost_minor=line.unit_cost_minor,
        exception_code="",
        units_per_case=1,
    )
    found = _product(gtin, location)
    if found is None:
        record.exception_code = ShipmentLine.Problem.UNKNOWN_GTIN
    elif line.expires_on and line.expires_on < selectors.local_today(location.store):
        record.exception_code = ShipmentLine.Problem.EXPIRED
    if found is not None:
        product, record.units_per_case = found
        record.sku = product.sku
        if not record.exception_code:
            record.inventory = _row(product, record, location)
    record.save()
    return record


def _product(gtin: str | None, location: Location) -> tuple[Product, int] | None:
    """The product that a GTIN means today, and how many units one of it is."""
    if gtin is None:
        return None
    today = selectors.local_today(location.store)
    alias = selectors.gtin_at(gtin, today).select_related("product").order_by("-valid_from").first()
    if alias is not None:
        return alias.product, alias.units
    product = Product.objects.filter(each_gtin=gtin).first()
    return None if product is None else (product, 1)


def _row(product: Product, line: ShipmentLine, location: Location) -> Stock:
    """The stock row of a line, made if there is none."""
    Lot.objects.get_or_create(
        product=product,
        lot_number=line.batch_lot,
        defaults={
            "sku": product.sku,
            "packaged_on": line.packaged_on,
            "expires_on": line.expires_on,
        },
    )
    row = Stock(
        store_id=location.store_id,
        location=location,
        product=product,
        sku=product.sku,
        batch_lot=line.batch_lot,
        each_gtin=product.each_gtin,
        case_gtin=line.case_gtin,
        units_per_case=line.units_per_case,
        unit_cost_minor=line.unit_cost_minor,
        packaged_on=line.packaged_on,
        expires_on=line.expires_on,
    )
    Stock.objects.bulk_create([row], ignore_conflicts=True)
    return Stock.objects.get(location=location, sku=product.sku, batch_lot=line.batch_lot)


def _put_away(shipment: Shipment, lines: Sequence[ShipmentLine], actor: int | None) -> None:
    """Add the units, in the order in which everybody locks stock rows."""
    reference = Reference("shipment", shipment.asn_number, actor)
    for line in sorted(lines, key=lambda line: line.inventory_id or 0):
        if line.inventory_id:
            units = line.cases_shipped * line.units_per_case
            adjust(line.inventory_id, units, "received", reference, MovementType.RECEIPT)
