"""What a provider pays out is what was sold, less fees; what is not, is found and nothing else."""

from __future__ import annotations

import random

import pytest

from payments import ledger, matching, services
from payments.errors import PaymentError, SettlementFileError
from payments.models import BankLine, Discrepancy, Operation, Settlement
from payments.money import Money
from payments.providers.sandbox import Mode
from tests.integration.payments.sandbox import wire
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)
HEADER = "payout,date,type,reference,key,gross,fee,net,currency,original_amount,original_currency"


def charges(count):
    return [services.charge(OrderFactory(), PRICE, "card", "one") for _ in range(count)]


def line(operation, **changes):
    sign = -1 if operation.kind == "refund" else 1
    cells = {
        "payout": "po_1", "date": "2026-03-31", "type": operation.kind,
        "reference": operation.provider_reference, "key": "",
        "gross": sign * operation.amount_minor, "fee": 98, "currency": "CAD",
        "original_amount": "", "original_currency": "",
    }  # fmt: skip
    cells |= changes
    cells["net"] = cells["gross"] - cells["fee"]
    return cells


def written(path, rows, total=None):
    if total is not None:
        rows = [*rows, total]
    text = [HEADER]
    for row in rows:
        amounts = {name: f"{row[name] / 100:.2f}" for name in ("gross", "fee", "net")}
        text.append(",".join(str((row | amounts)[name]) for name in HEADER.split(",")))
    path.write_text("\n".join(text) + "\n")
    return path


def balances():
    accounts = ("bank", "sales", "fees", "suspense", "exchange_differences", "chargebacks")
    return {name: ledger.balance(name, "CAD").minor for name in accounts}


def test_three_ways_agree_to_the_cent(provider, tmp_path):
    sold = charges(3)
    back = services.refund(sold[0].order, Money(384), "back")
    file = written(tmp_path / "po.csv", [*map(line, sold), line(back, fee=0)])
    payout = services.match(services.import_settlement(provider, file))
    net = 3 * 3384 - 3 * 98 - 384
    assert (payout.status, payout.net_minor) == ("matched", net)
    assert list(services.exceptions()) == []
    with pytest.raises(PaymentError, match="the bank shows nothing yet"):
        services.close(payout)
    bank = tmp_path / "bank.csv"
    bank.write_text(
        f"id,date,amount,currency,reference\n1,2026-04-01,{net / 100:.2f},CAD,SANDBOX po_1 X\n"
    )
    assert (services.import_bank(bank), services.import_bank(bank)) == (1, 0)
    assert services.match_bank() == 1
    assert services.close(payout).status == "closed"
    assert ledger.balance(f"receivable:{provider.code}", "CAD") == Money(0)
    assert ledger.balance(f"in_transit:{provider.code}", "CAD") == Money(0)
    assert balances() == {
        "bank": net, "sales": -(3 * 3384 - 384), "fees": 294, "suspense": 0,
        "exchange_differences": 0, "chargebacks": 0,
    }  # fmt: skip
    with pytest.raises(PaymentError, match="is closed"):
        services.match(payout)


def test_what_does_not_agree_is_found_and_nothing_else(provider, tmp_path):
    good, less, twice, declined, foreign, by_key, unnamed = charges(7)
    wire(provider).tell(Mode.DECLINE)
    refused = services.charge(OrderFactory(), PRICE, "card", "one")
    rows = [
        line(good),
        line(less, gross=3383),
        line(twice),
        line(twice),
        line(declined),
        line(foreign, original_amount="33.84", original_currency="USD"),
        line(by_key, reference="", key=by_key.provider_key),
        line(unnamed, reference="sb_nobody", key=""),
        line(refused, type="charge", gross=3384),
        line(good, type="adjustment", reference="adj_1", gross=-500, fee=0),
        line(good, type="fee", reference="monthly", gross=0, fee=1000),
    ]
    payout = services.match(services.import_settlement(provider, written(tmp_path / "p", rows)))
    assert payout.status == "exception"
    found = sorted((one.kind, one.amount_minor) for one in services.exceptions())
    assert found == [
        ("adjustment", -500), ("amount_differs", -1), ("currency_differs", 3384),
        ("not_succeeded", 3384), ("settled_twice", 3384), ("unknown_reference", 3384),
    ]  # fmt: skip
    assert services.match(payout).status == "exception"
    assert Discrepancy.objects.count() == 6, "once is enough"
    with pytest.raises(PaymentError, match="6 open exceptions"):
        services.close(payout)
    for one in services.exceptions():
        services.resolve(one, "written off", None)
    assert services.match(payout).status == "matched"
    assert balances()["suspense"] != 0
    with pytest.raises(PaymentError, match="say what"):
        services.resolve(Discrepancy.objects.first(), " ", None)


def test_a_payout_whose_lines_do_not_sum_up(provider, tmp_path):
    (sold,) = charges(1)
    total = line(sold, type="payout", reference="", gross=3385)
    file = written(tmp_path / "p", [line(sold)], total)
    payout = services.match(services.import_settlement(provider, file))
    (one,) = services.exceptions()
    assert (payout.status, one.kind, one.amount_minor) == ("exception", "payout_sum", 1)


def test_money_of_another_currency(provider, tmp_path):
    provider.supported_currencies = ["CAD", "USD"]
    provider.save()
    order = OrderFactory()
    sold = services.charge(order, Money(1001, "USD"), "card", "one")
    row = line(sold, gross=1372, original_amount="10.01", original_currency="USD")
    payout = services.match(services.import_settlement(provider, written(tmp_path / "p", [row])))
    assert payout.status == "matched"
    assert ledger.balance(f"receivable:{provider.code}", "USD") == Money(0, "USD")
    assert ledger.balance("exchange_differences", "USD") == Money(1001, "USD")
    assert balances()["exchange_differences"] == -1372


def test_a_dispute_and_its_reversal_in_payouts(provider, tmp_path):
    (sold,) = charges(1)
    reference = wire(provider).dispute_charge(sold.provider_reference, 3384)
    services.open_dispute(provider, reference)
    taken = line(sold, type="dispute", reference=reference, gross=-3384, fee=1500)
    first = services.import_settlement(provider, written(tmp_path / "a", [line(sold), taken]))
    assert first.net_minor < 0, "the provider takes back more than it pays"
    assert services.match(first).status == "matched"
    assert ledger.balance(f"receivable:{provider.code}", "CAD") == Money(0)
    wire(provider).decide_dispute(reference, "won")
    services.open_dispute(provider, reference)
    won = line(sold, payout="po_2", type="dispute_reversal", reference=reference, fee=0)
    second = services.import_settlement(provider, written(tmp_path / "b", [won]))
    assert services.match(second).status == "matched"
    assert ledger.balance(f"receivable:{provider.code}", "CAD") == Money(0)
    assert balances()["chargebacks"] == 0


def test_partial_captures_in_different_payouts(provider, tmp_path):
    order = OrderFactory()
    services.authorize(order, PRICE, "card", "hold")
    parts = [services.capture(order, Money(minor), str(minor)) for minor in (1384, 2000)]
    for number, part in enumerate(parts):
        row = line(part, type="charge", payout=f"po_{number}")
        file = written(tmp_path / f"{number}", [row])
        assert services.match(services.import_settlement(provider, file)).status == "matched"
    assert ledger.balance(f"receivable:{provider.code}", "CAD") == Money(0)


def test_what_no_payout_names_is_asked_about_and_forgotten_when_it_comes(provider, tmp_path):
    old, new = charges(2)
    services.match(services.import_settlement(provider, written(tmp_path / "a", [line(new)])))
    age(old)
    assert (matching.find_unsettled(), matching.find_unsettled()) == (1, 0)
    (one,) = services.exceptions()
    assert (one.kind, one.operation) == ("not_settled", old)
    row = line(old, payout="po_2")
    services.match(services.import_settlement(provider, written(tmp_path / "b", [row])))
    assert list(services.exceptions()) == []


def age(operation):
    from datetime import timedelta

    from django.utils import timezone

    before = timezone.now() - timedelta(days=8)
    Operation.objects.filter(pk=operation.pk).update(finished_at=before)


def test_the_bank_shows_another_amount(provider, tmp_path):
    (sold,) = charges(1)
    payout = services.import_settlement(provider, written(tmp_path / "a", [line(sold)]))
    services.match(payout)
    for number, (amount, reference) in enumerate([("32.86", "po_11"), ("32.85", "x po_1")]):
        BankLine.objects.create(
            external_id=str(number), booked_on="2026-04-01", reference=reference,
            amount_minor=round(float(amount) * 100),
        )  # fmt: skip
    assert services.match_bank() == 1, "a longer reference is another"
    (one,) = services.exceptions()
    assert (one.kind, one.amount_minor) == ("bank_amount", -1)
    with pytest.raises(PaymentError, match="1 open"):
        services.close(payout)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("type,", "kind,"), "has no column type"),
        (lambda text: text.replace("33.84", "33,84"), "columns instead of"),
        (lambda text: text.replace("33.84", "33.845"), "line 2, column gross: CAD has 2 decimal"),
        (lambda text: text.replace("33.84", "abc"), "line 2, column gross: not an amount"),
        (lambda text: text.replace("33.84", "NaN"), "CAD has 2 decimal"),
        (lambda text: text.replace("32.86", "32.85"), "net: not gross less fee"),
        (lambda text: text.replace("2026-03-31", "31.3.2026"), "not a date"),
        (lambda text: text.replace("CAD", "dollars"), "not a currency"),
        (lambda text: text.replace("charge", "gift"), "column type: not one of"),
        (lambda text: text + text.splitlines()[1].replace("po_1", "po_2"), "of 2 payouts"),
        (lambda text: text.splitlines()[0], "has no line"),
        (lambda text: "", "has no column"),
        (lambda text: text + '"', "line 3"),
    ],
)
def test_a_broken_file_is_refused_whole(provider, tmp_path, change, message):
    (sold,) = charges(1)
    path = written(tmp_path / "po.csv", [line(sold)])
    path.write_text(change(path.read_text()))
    with pytest.raises(SettlementFileError, match=message):
        services.import_settlement(provider, path)
    assert not Settlement.objects.exists()


def test_a_file_is_imported_once(provider, tmp_path):
    sold = charges(2)
    path = written(tmp_path / "po.csv", map(line, sold))
    services.import_settlement(provider, path)
    with pytest.raises(SettlementFileError, match="imported before, as payout po_1"):
        services.import_settlement(provider, path)
    path.write_text(path.read_text() + "\n")
    with pytest.raises(SettlementFileError, match="from another file"):
        services.import_settlement(provider, path)
    with pytest.raises(SettlementFileError, match="No such file"):
        services.import_settlement(provider, tmp_path / "none")


def test_the_order_of_lines_says_nothing(provider, tmp_path):
    sold = charges(6)
    rows = [line(one) for one in sold]
    random.Random(3).shuffle(rows)
    payout = services.import_settlement(provider, written(tmp_path / "p", rows))
    assert services.match(payout).status == "matched"
