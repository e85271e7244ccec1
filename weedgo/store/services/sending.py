"""Broadcasts: one message to many customers who agreed to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from weedgo.store.errors import StoreError
from weedgo.store.models import Broadcast, BroadcastRecipient, Channel, Customer
from weedgo.store.selectors import queued_recipients

BATCH = 100
Status = Broadcast.Status


class Gateway(Protocol):
    """What brings a message to one customer."""

    def send(self, customer: Customer, subject: str, body: str) -> None:
        """Send it.

        Raises:
            DeliveryError: this customer cannot be reached.
        """


class DeliveryError(Exception):
    """A customer cannot be reached; the others may."""


class Mail:
    """E-mail, by Django's backend."""

    def __init__(self) -> None:
        self.connection = get_connection()

    def send(self, customer: Customer, subject: str, body: str) -> None:
        """Send an e-mail."""
        if not customer.email:
            raise DeliveryError("no address")
        try:
            EmailMessage(subject, body, to=[customer.email], connection=self.connection).send()
        except OSError as error:
            raise DeliveryError(str(error)) from error


def schedule_broadcast(broadcast: Broadcast, at: datetime) -> None:
    """Have a draft sent at a time.

    Raises:
        StoreError: it is no draft any more.
    """
    changed = Broadcast.objects.filter(pk=broadcast.pk, status__in=["draft", "scheduled"]).update(
        status=Status.SCHEDULED, scheduled_at=at
    )
    if not changed:
        raise StoreError(f"{broadcast} is sent or cancelled already")
    broadcast.refresh_from_db()


def send_broadcast(broadcast: Broadcast, gateways: Mapping[str, Gateway] | None = None) -> int:
    """Send a broadcast to all who agreed to its channel; a second run goes on where one stopped.

    Each recipient is marked in a transaction of its own after the message went: a crash between
    the two sends one message twice, and loses none.

    Args:
        broadcast: a draft, a scheduled one, or one that was interrupted.
        gateways: by channel; without one, e-mail goes by Django's backend.

    Returns:
        How many messages went.

    Raises:
        StoreError: it was sent or cancelled, or nothing brings messages of its channel.
    """
    ways = dict(gateways or {})
    ways.setdefault(Channel.EMAIL, Mail())
    gateway = ways.get(broadcast.channel)
    if gateway is None:
        raise StoreError(f"nothing is set up that brings messages by {broadcast.channel}")
    _queue(broadcast)
    sent = 0
    while batch := list(queued_recipients(broadcast).select_related("customer")[:BATCH]):
        sent += sum(_send(broadcast, recipient, gateway) for recipient in batch)
    Broadcast.objects.filter(pk=broadcast.pk, status=Status.SENDING).update(
        status=Status.SENT, sent_at=timezone.now()
    )
    broadcast.refresh_from_db()
    return sent


@transaction.atomic
def _queue(broadcast: Broadcast) -> None:
    """Fix who gets it, once."""
    standing = Broadcast.objects.select_for_update().get(pk=broadcast.pk)
    if standing.status == Status.SENDING:
        return
    if standing.status not in (Status.DRAFT, Status.SCHEDULED):
        raise StoreError(f"{standing} is {standing.status}")
    BroadcastRecipient.objects.bulk_create(
        [BroadcastRecipient(broadcast=standing, customer=c) for c in audience(standing).iterator()],
        batch_size=1000,
        ignore_conflicts=True,
    )
    Broadcast.objects.filter(pk=standing.pk).update(status=Status.SENDING)


def audience(broadcast: Broadcast) -> QuerySet[Customer]:
    """The customers who agreed to the channel and are meant.

    Raises:
        StoreError: the filter says something that is not known.
    """
    meant = dict(broadcast.segment_filter)
    customers = Customer.objects.filter(
        status=Customer.Status.ACTIVE, preferred_contact=broadcast.channel
    )
    if tags := meant.pop("tags", None):
        customers = customers.filter(tags__overlap=tags)
    if meant.pop("home_store", False):
        customers = customers.filter(home_store_id=broadcast.store_id)
    if meant:
        raise StoreError(f"{broadcast}: no customers are filtered by {', '.join(sorted(meant))}")
    return customers.order_by("pk")


def _send(broadcast: Broadcast, recipient: BroadcastRecipient, gateway: Gateway) -> bool:
    customer = recipient.customer
    values = {
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "store": broadcast.store.name,
    }
    changes: dict[str, Any] = {"status": BroadcastRecipient.Status.SENT}
    try:
        gateway.send(
            customer,
            filled(broadcast.template.subject, values),
            filled(broadcast.template.body, values),
        )
        changes["sent_at"] = timezone.now()
    except DeliveryError as error:
        changes = {"status": BroadcastRecipient.Status.BOUNCED, "bounce_reason": str(error)[:80]}
    BroadcastRecipient.objects.filter(pk=recipient.pk).update(**changes)
    return "sent_at" in changes


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a text with its {{variables}} filled in; one that is not known stays as it is."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: values.get(found[1], found[0]), template)
