"""Keeping the budtender's conversations."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from weedgo.store.errors import StoreError
from weedgo.store.models import Conversation, Customer, Message, Store


def start_conversation(
    store: Store, customer: Customer | None = None, channel: str = "web", language: str = "en"
) -> Conversation:
    """Start a conversation in a shop."""
    return Conversation.objects.create(
        store=store, customer=customer, channel=channel, language=language
    )


@transaction.atomic
def say(
    conversation: Conversation,
    role: str,
    content: str,
    *,
    tokens: tuple[int, int] | None = None,
    latency_ms: int | None = None,
    tool_calls: Any = None,
) -> Message:
    """Add what was said, in its order, however many speak at once.

    Args:
        conversation: one that is open, or was handed over to a person.
        role: system, user, assistant or tool.
        content: what was said.
        tokens: tokens in and out.
        latency_ms: how long the answer took.
        tool_calls: what the assistant asked for.

    Raises:
        StoreError: the conversation is closed.
    """
    standing = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if standing.status == Conversation.Status.CLOSED:
        raise StoreError(f"{standing} is closed")
    tokens_in, tokens_out = tokens or (None, None)
    standing.message_count += 1
    message = Message.objects.create(
        conversation=standing,
        position=standing.message_count,
        role=role,
        content=content,
        input_tokens=tokens_in,
        output_tokens=tokens_out,
        latency_ms=latency_ms,
        tool_calls=tool_calls,
    )
    Conversation.objects.filter(pk=standing.pk).update(
        message_count=standing.message_count,
        total_tokens=F("total_tokens") + sum(tokens or (0, 0)),
    )
    return message


def hand_over(conversation: Conversation) -> None:
    """Hand an open conversation over to a person.

    Raises:
        StoreError: it is not open.
    """
    now = timezone.now()
    _end(conversation, Conversation.Status.HANDED_OVER, ["open"], escalated_at=now)


def close(conversation: Conversation, summary: str = "") -> None:
    """Close a conversation.

    Raises:
        StoreError: it is closed already.
    """
    _end(conversation, Conversation.Status.CLOSED, ["open", "handed_over"], summary=summary)


def _end(conversation: Conversation, status: str, of: list[str], **changes: Any) -> None:
    changed = Conversation.objects.filter(pk=conversation.pk, status__in=of).update(
        status=status, ended_at=timezone.now(), **changes
    )
    if not changed:
        raise StoreError(f"{conversation} cannot become {status}")
    conversation.refresh_from_db()
