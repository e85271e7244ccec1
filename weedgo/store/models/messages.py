"""What shops say: broadcasts, notifications and the budtender's conversations."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

from weedgo.store.models.catalogue import Store
from weedgo.store.models.people import Customer
from weedgo.store.schema import one_of, user_link
from weedgo.store.triggers import Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


class Channel(models.TextChoices):
    """By which way a message goes."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class MessageTemplate(TenantOwned, Timestamped):
    """A text with {{variables}} for one channel."""

    code = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=10, db_default="en")
    subject = models.CharField(max_length=200, blank=True, db_default="")
    body = models.TextField()
    is_active = models.BooleanField(db_default=True)

    class Meta:
        db_table = "message_templates"
        db_table_comment = "Texts with {{variables}} for every channel."
        ordering = ["code"]
        constraints = [
            one_of("message_templates", "channel", Channel),
            models.UniqueConstraint(
                "code", "channel", "language", name="message_templates_code_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.channel}, {self.language})"


class BroadcastStatus(models.TextChoices):
    """The column `status` of Broadcast."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"


class Broadcast(TenantOwned, Timestamped):
    """One message to many customers who agreed to it."""

    Status = BroadcastStatus

    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    template = models.ForeignKey(MessageTemplate, on_delete=models.RESTRICT)
    name = models.CharField(max_length=120)
    channel = models.CharField(
        max_length=10, choices=Channel.choices, db_default=Channel.EMAIL.value
    )
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.DRAFT.value)
    segment_filter = models.JSONField(
        db_default={}, blank=True, db_comment='Which customers: {"tags": […]}; {} is all.'
    )
    scheduled_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_by = user_link(db_column="created_by", db_index=False)

    class Meta:
        db_table = "broadcasts"
        db_table_comment = "One message to many customers who agreed to it."
        ordering = ["-created_at"]
        constraints = [
            one_of("broadcasts", "channel", Channel),
            one_of("broadcasts", "status", BroadcastStatus),
            CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False),
                name="broadcasts_scheduled_check",
            ),
        ]
        indexes = [
            Index("store", F("created_at").desc(), name="broadcasts_store_idx"),
            Index("scheduled_at", name="broadcasts_due_idx", condition=Q(status="scheduled")),
        ]
        triggers = [
            Transitions(
                {
                    "draft": ["scheduled", "sending", "cancelled"],
                    "scheduled": ["draft", "sending", "cancelled"],
                    "sending": ["sent"],
                }
            )
        ]

    def __str__(self) -> str:
        return self.name


class BroadcastRecipientStatus(models.TextChoices):
    """The column `status` of BroadcastRecipient."""

    QUEUED = "queued"
    SENT = "sent"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"


class BroadcastRecipient(TenantOwned):
    """A customer who gets a broadcast, and whether it arrived."""

    Status = BroadcastRecipientStatus

    broadcast = models.ForeignKey(
        Broadcast, on_delete=models.CASCADE, related_name="recipients", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.QUEUED.value)
    sent_at = models.DateTimeField(null=True, blank=True)
    bounce_reason = models.CharField(max_length=80, blank=True, db_default="")

    class Meta:
        db_table = "broadcast_recipients"
        db_table_comment = "Who gets a broadcast and whether it arrived."
        constraints = [
            one_of("broadcast_recipients", "status", BroadcastRecipientStatus),
            models.UniqueConstraint("broadcast", "customer", name="broadcast_recipients_once_key"),
        ]
        indexes = [
            Index(
                "broadcast", "id", name="broadcast_recipients_queue", condition=Q(status="queued")
            )
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id}: {self.status}"


class Notification(TenantOwned):
    """What a user is told inside the application."""

    user = user_link(null=False, db_index=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, db_default="")
    priority = models.SmallIntegerField(db_default=5)
    dedup_key = models.CharField(  # noqa: DJ001 - nothing to tell apart
        max_length=120, null=True, blank=True, db_comment="The same thing is told once."
    )
    data = models.JSONField(db_default={}, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "notifications"
        db_table_comment = "What a user is told inside the application."
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint("user", "dedup_key", name="notifications_dedup_key")]
        indexes = [
            Index("user", F("created_at").desc(), name="notifications_unread_idx",
                  condition=Q(read_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class ConversationChannel(models.TextChoices):
    """The column `channel` of Conversation."""

    WEB = "web"
    KIOSK = "kiosk"
    VOICE = "voice"
    SMS = "sms"


class ConversationStatus(models.TextChoices):
    """The column `status` of Conversation."""

    OPEN = "open"
    CLOSED = "closed"
    HANDED_OVER = "handed_over"


class Conversation(TenantOwned):
    """A customer talking with the virtual budtender."""

    Channel = ConversationChannel
    Status = ConversationStatus

    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, blank=True, db_index=False
    )
    channel = models.CharField(max_length=20, choices=Channel.choices, db_default=Channel.WEB.value)
    language = models.CharField(max_length=10, db_default="en")
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.OPEN.value)
    summary = models.TextField(blank=True, db_default="")
    escalated_at = models.DateTimeField(null=True, blank=True)
    total_tokens = models.IntegerField(db_default=0)
    message_count = models.IntegerField(db_default=0)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "ai_conversations"
        db_table_comment = "A customer talking with the virtual budtender."
        ordering = ["-started_at"]
        constraints = [
            one_of("ai_conversations", "channel", ConversationChannel),
            one_of("ai_conversations", "status", ConversationStatus),
            CheckConstraint(
                condition=Q(status="open", ended_at__isnull=True)
                | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="ai_conversations_ended_check",
            ),
        ]
        indexes = [
            Index("store", F("started_at").desc(), name="ai_conversations_store_idx"),
            Index("customer", F("started_at").desc(), name="ai_conversations_customer_idx"),
            Index(F("escalated_at").desc(), name="ai_conversations_escalated_idx",
                  condition=Q(escalated_at__isnull=False)),
            Index(F("started_at").desc(), name="ai_conversations_started_idx"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class MessageRole(models.TextChoices):
    """The column `role` of Message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Message(TenantOwned):
    """What was said."""

    Role = MessageRole

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    position = models.IntegerField(db_comment="The order in which things were said, from 1.")
    role = models.CharField(max_length=20, choices=Role.choices)
    content = models.TextField()
    input_tokens = models.IntegerField(null=True, blank=True)
    output_tokens = models.IntegerField(null=True, blank=True)
    latency_ms = models.IntegerField(null=True, blank=True)
    tool_calls = models.JSONField(null=True, blank=True)
    search_text = models.GeneratedField(
        expression=SearchVector("content", config="english"),
        output_field=SearchVectorField(), db_persist=True,
    )  # fmt: skip
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "ai_messages"
        db_table_comment = "What was said."
        ordering = ["conversation", "position"]
        constraints = [
            one_of("ai_messages", "role", MessageRole),
            CheckConstraint(
                condition=(Q(input_tokens__isnull=True) | Q(input_tokens__gte=0))
                & (Q(output_tokens__isnull=True) | Q(output_tokens__gte=0)),
                name="ai_messages_tokens_check",
            ),
            models.UniqueConstraint("conversation", "position", name="ai_messages_position_key"),
        ]
        indexes = [GinIndex("search_text", name="ai_messages_search_gin")]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}"
