"""What comes from the wholesaler: cases, labels, and what is not as it should be."""

from __future__ import annotations

import random
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from stdnum import ean

from inventory import selectors, services
from inventory.errors import InsufficientStockError, InventoryError, NotSellableError
from inventory.factories import GtinAliasFactory, LocationFactory, in_days
from inventory.models import Movement, Stock
from inventory.services import Asn, AsnLine, Line, read_slip, receive
from weedgo.store.factories import ProductFactory

CODES = 100_000


def counters(location):
    rows = Stock.objects.filter(location__store=location.store).order_by("location__pk")
    return list(rows.values_list("location__kind", "quantity_on_hand"))


def test_the_databases_check_and_stdnum_agree():
    """On random codes, of which many are right but for a digit, a length or a letter."""
    rng = random.Random(7)
    codes = []
    for _ in range(CODES):
        body = "".join(rng.choices("0123456789", k=rng.choice((7, 11, 12, 13))))
        code = body + str(ean.calc_check_digit(body))
        breakage = rng.randrange(6)
        if breakage == 0:
            place = rng.randrange(len(code))
            code = code[:place] + rng.choice("0123456789") + code[place + 1 :]
        elif breakage == 1:
            place = rng.randrange(len(code) - 1)
            code = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        elif breakage == 2:
            code = rng.choice((code[:-1], code + "0", "0" + code, "", code + "A"))
        codes.append(code)
    expected = [ean.is_valid(code) for code in codes]
    assert 0.4 < sum(expected) / CODES < 0.9
    found = check(codes, "gtin_is_valid")
    assert [c for c, a, b in zip(codes, expected, found, strict=True) if a is not b] == []
    fourteen = [code.zfill(14) for code in codes if code.isdigit() and len(code) <= 14]
    found = check(fourteen, "gtin14_is_valid")
    wrong = [c for c, valid in zip(fourteen, found, strict=True) if valid is not ean.is_valid(c)]
    assert wrong == []


def check(codes, function):
    assert function in ("gtin_is_valid", "gtin14_is_valid")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg({function}(c) ORDER BY n)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS u (c, n)",
            [codes],
        )
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def tenant(shop):
    return shop


def test_a_packing_slip_with_fnc1_is_read_right():
    slip = read_slip("ASN-7", [
        # The lot has no fixed length, so FNC1 ends it; the order of identifiers is free.
        "]C1010061414199999610LOT-7\x1d17260531",
        "]C101006141419999961726053110LOT-7",
        "(01)00614141999996(17)260531(10)LOT-7",
        "]C10100614141999996" "13251101" "10B/9\x1d" "3724",
        "\x1d0100614141999996" "10B/9\x1d" "13251101",
    ])  # fmt: skip
    assert [(x.case_gtin, x.cases, x.batch_lot) for x in slip.lines] == [
        ("00614141999996", 3, "LOT-7"), ("00614141999996", 25, "B/9"),
    ]  # fmt: skip
    assert slip.lines[0].expires_on == date(2026, 5, 31)
    assert slip.lines[1].packaged_on == date(2025, 11, 1)
    for broken in ("", "]C1", "garbage", "]C10100614141999995", "]C110LOT-7", "(17)261399"):
        with pytest.raises(InventoryError):
            read_slip("ASN-8", [broken])


def test_all_gtins_of_one_item_are_the_same():
    product = ProductFactory(each_gtin="00036000291452")
    location = LocationFactory()
    for number, gtin in enumerate(("036000291452", "0036000291452", "00036000291452")):
        services.receive(Asn(f"ASN-{number}", [AsnLine(gtin, 2, "L1")]), location)
    stock = Stock.objects.get(location=location)
    assert (stock.sku, stock.each_gtin, stock.quantity_on_hand) == (
        product.sku, "00036000291452", 6,
    )  # fmt: skip


def test_a_lot_may_be_appended_to_the_gtin():
    alias = GtinAliasFactory()
    location = LocationFactory()
    receive(Asn("ASN-1", [AsnLine(f"{alias.gtin}LOT9", 1)]), location)
    assert Stock.objects.get(location=location).batch_lot == "LOT9"


@pytest.mark.parametrize(
    ("counted", "code"), [(36, ""), (33, "short"), (40, "over"), (0, "short")]
)  # fmt: skip
def test_short_and_over_deliveries_are_booked_as_counted(counted, code):
    alias = GtinAliasFactory()
    location = LocationFactory()
    line = AsnLine(alias.gtin, 3, "A1", units_received=counted)
    receipt = receive(Asn("ASN-1", [line]), location)
    assert receipt.units == counted
    assert [x.exception_code for x in receipt.exceptions] == [code] * bool(code)
    assert counters(location) == [("shelf", counted)]
    assert selectors.trace(alias.product.sku, "A1").receipts == [("ASN-1", counted)]


def test_what_broke_in_a_case_is_in_quarantine():
    alias = GtinAliasFactory()
    location = LocationFactory()
    receipt = receive(Asn("ASN-1", [AsnLine(alias.gtin, 1, "A1", units_broken=2)]), location)
    assert (receipt.units, receipt.broken) == (12, 2)
    assert [x.exception_code for x in receipt.exceptions] == ["broken"]
    assert counters(location) == [("shelf", 10), ("quarantine", 2)]
    assert services.availability(location, [alias.product.sku]) == {alias.product.sku: 10}
    broken = Stock.objects.get(location__kind="quarantine", location__store=location.store)
    with pytest.raises(NotSellableError, match="nothing is sold from"):
        services.reserve(uuid4(), broken.location, [Line(broken.sku, 1)])
    services.destroy(broken, 2, "broken in transit", "composted", "CERT-9")
    kinds = Movement.objects.filter(inventory=broken).values_list("movement_type", flat=True)
    assert list(kinds) == ["receipt", "destruction"]


def test_an_unknown_gtin_is_booked_once_somebody_knows_it():
    gtin = "00614141999996"
    location = LocationFactory()
    asn = Asn("ASN-1", [AsnLine(gtin, 2, "A1", expires_on=in_days(60), unit_cost_minor=900)])
    (line,) = receive(asn, location).exceptions
    with pytest.raises(InventoryError, match="add an alias first"):
        services.book_exception(line)
    alias = GtinAliasFactory(gtin=gtin, units=6)
    line = services.book_exception(line)
    assert (line.exception_code, line.sku, line.units_received) == ("", alias.product.sku, 12)
    stock = Stock.objects.get(location=location)
    assert (stock.quantity_on_hand, stock.unit_cost_minor) == (12, 900)
    with pytest.raises(InventoryError, match="no unknown GTIN"):
        services.book_exception(line)


@pytest.mark.parametrize(
    "wrong", [{"cases": 0}, {"cases": 1, "units_received": -1}, {"cases": 1, "units_broken": 13}]
)
def test_impossible_lines_are_refused_whole(wrong):
    alias = GtinAliasFactory()
    location = LocationFactory()
    lines = [AsnLine(alias.gtin, 1, "A0"), AsnLine(alias.gtin, batch_lot="A1", **wrong)]
    with pytest.raises(InventoryError):
        receive(Asn("ASN-1", lines), location)
    assert not Stock.objects.filter(location=location).exists()
    with pytest.raises(InsufficientStockError):
        services.reserve(uuid4(), location, [Line(alias.product.sku, 1)])
