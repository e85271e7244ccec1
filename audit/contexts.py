"""Who acts, by which request and from where: known for as long as a request or a task lasts.

It is a context variable, so threads and coroutines have each their own. Nothing is looked up
before the first write asks for it: authentication that happens in a view is seen too.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import SynchronousOnlyOperation
from django.db import DatabaseError
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest

from audit.addresses import client_address
from audit.plain import plain

FIELDS = (
    "actor_type", "actor_id", "actor_label", "impersonator_id",
    "request_id", "ip", "user_agent", "method", "route",
)  # fmt: skip


@dataclass
class Context:
    """What is known of whoever acts.

    Attributes:
        fields: what was said outright; it goes before what the request tells.
        request: asked for the rest, as late as possible.
        events: what `audit.record` was told and is not written yet.
        failure: the name of the exception that the request ended with.
    """

    fields: dict[str, Any]
    request: HttpRequest | None = None
    events: list[Any] = field(default_factory=list)
    failure: str | None = None
    resolving: bool = False

    def resolve(self) -> dict[str, Any]:
        """Return all fields that are known by now."""
        known = dict(self.fields)
        if self.request is not None and not self.resolving:
            self.resolving = True
            try:
                for name, value in _of_request(self.request).items():
                    known.setdefault(name, value)
            finally:
                self.resolving = False
        return {name: value for name, value in known.items() if value is not None}


_current: ContextVar[Context | None] = ContextVar("audit_context", default=None)


def current() -> Context | None:
    """Return the context at hand."""
    return _current.get()


@contextmanager
def context(
    *,
    actor: Any = None,
    impersonator: Any = None,
    request: HttpRequest | None = None,
    **fields: Any,
) -> Iterator[Context]:
    """Say who acts, for all that is written within.

    Args:
        actor: a user; stands for `actor_type`, `actor_id` and `actor_label`.
        impersonator: the user who acts in the actor's name.
        request: an HTTP request, whose user, address and route are asked when needed.
        fields: any of `FIELDS`, such as `actor_type="service", actor_label="nightly import"`.

    Raises:
        TypeError: a field is unknown.
    """
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"no such field of an audit context: {', '.join(sorted(unknown))}")
    outer = _current.get()
    said = {**(outer.fields if outer else {}), **actor_fields(actor), **fields}
    if impersonator is not None:
        said["impersonator_id"] = str(impersonator.pk)
    if request is not None:
        said.setdefault("request_id", str(uuid.uuid4()))
    inner = Context(said, request or (outer.request if outer else None))
    if outer is not None and request is None:
        inner.events = outer.events
    token = _current.set(inner)
    try:
        yield inner
    finally:
        _current.reset(token)


def actor_fields(actor: Any) -> dict[str, Any]:
    """Return what the log keeps of a user, Django's AnonymousUser included; {} for None."""
    if actor is None:
        return {}
    if not actor.is_authenticated:
        return {"actor_type": "anonymous"}
    return {"actor_type": "user", "actor_id": str(actor.pk), "actor_label": str(actor)}


def wire() -> str | None:
    """Return the context at hand as the setting `weedgo.audit` takes it."""
    at_hand = _current.get()
    if at_hand is None or at_hand.resolving:
        return None
    return json.dumps(plain(at_hand.resolve()), separators=(",", ":")) or None


def _of_request(request: HttpRequest) -> dict[str, Any]:
    match = request.resolver_match
    known = {
        "ip": client_address(request),
        "user_agent": request.headers.get("User-Agent", "")[:500] or None,
        "method": request.method,
        "route": f"/{match.route}" if match else request.path,
    }
    try:
        user = getattr(request, "user", None)
        known |= actor_fields(user)
        known["impersonator_id"] = _impersonator(request, user)
    except (DatabaseError, SynchronousOnlyOperation, TransactionManagementError):
        # Who it is cannot be asked now; the change is recorded all the same.
        pass
    return known


def _impersonator(request: HttpRequest, user: Any) -> str | None:
    """Return who really acts, as django-impersonate and django-hijack tell it, or our own code."""
    who = getattr(request, "impersonator", None) or getattr(user, "impersonator", None)
    if who is not None:
        return str(getattr(who, "pk", who))
    session = getattr(request, "session", None)
    if session is None or not getattr(user, "is_hijacked", False):
        return None
    history = session.get("hijack_history") or [None]
    return history[0]
