"""What is read of what shops say. Each of these queries has an index that serves it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from weedgo.store.models import (
    Broadcast,
    BroadcastRecipient,
    Conversation,
    Customer,
    Message,
    Notification,
    Store,
)


def broadcasts_of(store: Store) -> QuerySet[Broadcast]:
    """A shop's broadcasts, the latest first."""
    return Broadcast.objects.filter(store=store).order_by("-created_at")


def due_broadcasts(moment: datetime) -> QuerySet[Broadcast]:
    """Broadcasts whose time has come."""
    return Broadcast.objects.filter(status="scheduled", scheduled_at__lte=moment).order_by(
        "scheduled_at"
    )


def queued_recipients(broadcast: Broadcast) -> QuerySet[BroadcastRecipient]:
    """Who has still to get a broadcast."""
    return BroadcastRecipient.objects.filter(broadcast=broadcast, status="queued").order_by("pk")


def unread_notifications(user_id: int) -> QuerySet[Notification]:
    """What somebody has not read, the latest first."""
    unread = Notification.objects.filter(user_id=user_id, read_at__isnull=True)
    return unread.order_by("-created_at")


def conversations_in(store: Store) -> QuerySet[Conversation]:
    """A shop's conversations, the latest first."""
    return Conversation.objects.filter(store=store).order_by("-started_at")


def conversations_of(customer: Customer) -> QuerySet[Conversation]:
    """A customer's conversations, the latest first."""
    return Conversation.objects.filter(customer=customer).order_by("-started_at")


def recent_conversations() -> QuerySet[Conversation]:
    """All conversations, the latest first."""
    return Conversation.objects.order_by("-started_at")


def escalated_conversations() -> QuerySet[Conversation]:
    """Conversations that a person has to take over, the latest first."""
    return Conversation.objects.filter(escalated_at__isnull=False).order_by("-escalated_at")


def search_messages(words: str) -> QuerySet[Message]:
    """What was said about something."""
    query = SearchQuery(words, search_type="websearch", config="english")
    return Message.objects.filter(search_text=query)
