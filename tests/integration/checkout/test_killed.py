"""A checkout that is killed between any two statements; a sweeper finishes what it began."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from inventory import selectors
from inventory import services as inventory
from inventory.factories import StockFactory
from inventory.models import Drift, Reservation
from payments.factories import ProviderFactory
from payments.models import Operation, Provider
from payments.providers.sandbox import Sandbox
from weedgo.checkout.services import STALE, Item, place_order, settle_pending
from weedgo.store.models import Order

KILLED = 9
UNITS = 1000


class Guillotine:
    """Ends the process before a statement, as kill -9 would."""

    def __init__(self, before: int) -> None:
        self.left = before

    def __call__(self, execute, *arguments):
        self.left -= 1
        if self.left < 0:
            os._exit(KILLED)
        return execute(*arguments)


@pytest.fixture
def stock(open_shop):
    Provider.objects.update(is_active=False)
    return StockFactory(quantity_on_hand=UNITS)


@pytest.fixture
def sandbox(stock, tmp_path):
    provider = ProviderFactory(config={"path": str(tmp_path / "sandbox")})
    yield Sandbox(provider.config["path"], provider.code, deduplicates=True)
    Provider.objects.filter(pk=provider.pk).update(is_active=False)


def place(tenant, stock, key: UUID, before: int) -> int:
    """Place an order in a process of its own that dies before a statement; its exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        # The parent's session is the parent's: it is neither used nor closed here.
        connection.connection = None
        connection.set_tenant(tenant)
        with connection.execute_wrapper(Guillotine(before)):
            place_order(key, stock.location, [Item(stock.product, 1)], "card")
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the test sees the status
        os._exit(1)


def sweep(key: UUID) -> None:
    """What the sweeper does, once enough time has passed."""
    past = timezone.now() - STALE * 2
    Order.objects.filter(checkout_key=key, status="pending").update(placed_at=past)
    Reservation.objects.filter(pk=key, status="active").update(expires_at=past)
    Operation.objects.filter(order__checkout_key=key, next_check_at__isnull=False).update(
        next_check_at=timezone.now() - timedelta(seconds=1)
    )
    settle_pending()
    inventory.expire_due()


@pytest.mark.parametrize("stride", [9, pytest.param(1, marks=pytest.mark.soak)])
def test_killed_before_a_statement(open_shop, stock, sandbox: Sandbox, stride):
    sold, charged, statement = 0, 0, 0
    ended = KILLED
    while ended == KILLED:
        key = uuid4()
        ended = place(open_shop, stock, key, statement)
        assert ended in (0, KILLED), f"before statement {statement}"
        statement += stride
        sweep(key)
        order = Order.objects.filter(checkout_key=key).first()
        done = len(sandbox.done())
        if order is None or order.status == "cancelled":
            assert done == charged, f"charged for nothing, killed near statement {statement}"
        else:
            assert (order.status, order.payment_status) == ("confirmed", "paid"), statement
            assert done == charged + 1, f"charged twice, killed near statement {statement}"
            sold += 1
        charged = done
        stock.refresh_from_db()
        assert (stock.quantity_on_hand, stock.quantity_reserved) == (UNITS - sold, 0), statement
    assert statement > 20
    assert 1 < sold < statement
    assert not Drift.objects.filter(stock=stock).exists()
    assert selectors.reservations_of_stock(stock).filter(reservation__status="active").count() == 0
    assert Path(sandbox.path).exists()
