"""Receiving what the wholesaler sent: cases become units, what nobody knows an exception."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from stdnum import ean, gs1_128
from stdnum.exceptions import ValidationError

from inventory import selectors
from inventory.errors import InventoryError
from inventory.models import (
    Location,
    LocationKind,
    Lot,
    MovementType,
    Shipment,
    ShipmentLine,
    Stock,
)
from inventory.services.calls import Reference
from inventory.services.stock import adjust, lock
from inventory.services.transfers import row_at, special
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
        units_received: counted when it was unpacked; left out, what the cases should hold.
        units_broken: of those, what cannot be sold; it goes into quarantine.
    """

    case_gtin: str
    cases: int
    batch_lot: str = ""
    packaged_on: date | None = None
    expires_on: date | None = None
    unit_cost_minor: int = 0
    units_received: int | None = None
    units_broken: int = 0


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
        broken: how many of them went into quarantine.
        exceptions: the lines that somebody has to look at.
        repeated: whether the notice had been received before; nothing was done then.
    """

    shipment: Shipment
    units: int
    broken: int
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


def read_slip(number: str, scanned: Iterable[str]) -> Asn:
    """Make a notice of what was scanned from a packing slip or from the cases themselves.

    Args:
        number: of the notice.
        scanned: one text for each symbol, as `read_label` takes it. A symbol stands for one case,
            or for as many as its application identifier 37 says.

    Raises:
        InventoryError: a text is no GS1-128, or has no valid GTIN.
    """
    cases: dict[tuple[str, str, date | None, date | None], int] = {}
    for text in scanned:
        label = read_label(text)
        key = label.gtin, label.lot, label.packaged_on, label.expires_on
        cases[key] = cases.get(key, 0) + (label.units or 1)
    return Asn(number, [
        AsnLine(gtin, count, lot, packaged, expires)
        for (gtin, lot, packaged, expires), count in cases.items()
    ])  # fmt: skip


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
        lines = [_line(shipment, *numbered, location) for numbered in _known(asn.lines, location)]
        _put_away(shipment, lines, actor)
    else:
        lines = list(shipment.lines.all())
    booked = [line for line in lines if line.inventory_id]
    return Receipt(
        shipment=shipment,
        units=sum(line.units_received for line in booked),
        broken=sum(line.units_broken for line in booked),
        exceptions=[line for line in lines if line.exception_code],
        repeated=not new,
    )


@transaction.atomic
def book_exception(line: ShipmentLine, actor: int | None = None) -> ShipmentLine:
    """Put a line into stock whose GTIN was unknown, once a product or an alias has it.

    Raises:
        InventoryError: it was put away before, or nobody knows its GTIN still.
    """
    line = ShipmentLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.inventory_id or line.exception_code != ShipmentLine.Problem.UNKNOWN_GTIN:
        raise InventoryError(f"line {line.line_number} of {line.shipment} has no unknown GTIN")
    location = line.shipment.location
    known = _product(line.case_gtin, location)
    if known is None:
        raise InventoryError(f"no product has the GTIN {line.case_gtin} still: add an alias first")
    counted = line.units_received
    _identify(line, known, location)
    line.units_received = counted or line.cases_shipped * line.units_per_case
    line.exception_code = _problem(line)
    line.save()
    _put_away(line.shipment, [line], actor)
    return line


Known = tuple[Product, int] | None


def _known(lines: Sequence[AsnLine], location: Location) -> list[tuple[int, AsnLine, Known]]:
    """The lines, their numbers and products, in the order in which everybody makes stock rows."""
    found = []
    for number, line in enumerate(lines, 1):
        gtin, appended = normalize(line.case_gtin)
        found.append((number, line, _product(gtin, location), line.batch_lot or appended))
    ordered = sorted(found, key=lambda each: (each[2][0].sku if each[2] else "", each[3], each[0]))
    return [(number, line, product) for number, line, product, _ in ordered]


def _line(
    shipment: Shipment, number: int, line: AsnLine, found: Known, location: Location
) -> ShipmentLine:
    gtin, appended = normalize(line.case_gtin)
    if line.cases <= 0 or line.units_broken < 0 or (line.units_received or 0) < 0:
        raise InventoryError(f"line {number}: cases and units are counts, from one and from none")
    record = ShipmentLine(
        shipment=shipment,
        line_number=number,
        case_gtin=gtin,
        cases_shipped=line.cases,
        units_per_case=1,
        units_received=line.units_received or 0,
        units_broken=line.units_broken,
        batch_lot=line.batch_lot or appended,
        packaged_on=line.packaged_on,
        expires_on=line.expires_on,
        unit_cost_minor=line.unit_cost_minor,
        exception_code="",
    )
    if found is None:
        record.exception_code = ShipmentLine.Problem.UNKNOWN_GTIN
        record.units_received = max(record.units_received, record.units_broken)
    elif line.expires_on and line.expires_on < selectors.local_today(location.store):
        record.exception_code = ShipmentLine.Problem.EXPIRED
        record.sku, record.units_per_case = found[0].sku, found[1]
    else:
        _identify(record, found, location)
        if line.units_received is None:
            record.units_received = record.cases_shipped * record.units_per_case
        record.exception_code = _problem(record)
    if record.units_broken > record.units_received:
        raise InventoryError(f"line {number}: more units are broken than were received")
    record.save()
    return record


def _identify(line: ShipmentLine, known: tuple[Product, int], location: Location) -> None:
    """Say what a line is and where it is put."""
    product, line.units_per_case = known
    line.sku = product.sku
    line.inventory = _row(product, line, location)


def _problem(line: ShipmentLine) -> str:
    """What somebody has to look at, though the units are in stock."""
    problem = ShipmentLine.Problem
    expected = line.cases_shipped * line.units_per_case
    if line.units_broken:
        return problem.BROKEN
    if line.units_received == expected:
        return problem.NONE
    return problem.SHORT if line.units_received < expected else problem.OVER


def _product(gtin: str | None, location: Location) -> Known:
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
    """Add the units."""
    units: dict[int, int] = {}
    for line in lines:
        if line.inventory is None:
            continue
        whole = line.inventory
        units[whole.pk] = units.get(whole.pk, 0) + line.units_received - line.units_broken
        if line.units_broken:
            broken = row_at(special(whole.location.store_id, LocationKind.QUARANTINE), whole)
            units[broken.pk] = units.get(broken.pk, 0) + line.units_broken
    reference = Reference("shipment", shipment.asn_number, actor)
    lock(units)
    for stock_id, count in units.items():
        if count:
            adjust(stock_id, count, "received", reference, MovementType.RECEIPT)
