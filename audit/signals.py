"""Log-ins and log-outs, as Django tells them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from audit import contexts
from audit.services import Event, record, record_many


def connect() -> None:
    """Listen."""
    user_logged_in.connect(_logged_in, dispatch_uid="audit.logged_in")
    user_logged_out.connect(_logged_out, dispatch_uid="audit.logged_out")
    user_login_failed.connect(_login_failed, dispatch_uid="audit.login_failed")


def _logged_in(request: HttpRequest | None, user: Any, **_: Any) -> None:
    _record("login.succeeded", request, actor=user)


def _logged_out(request: HttpRequest | None, user: Any, **_: Any) -> None:
    if user is not None:
        _record("logout", request, actor=user)


def _login_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    # What was typed may be anything, a password even; only a name that somebody has is kept.
    users = get_user_model()
    typed = str(credentials.get(users.USERNAME_FIELD, ""))
    known = users.objects.filter(**{users.USERNAME_FIELD: typed}).exists() if typed else False
    _record(
        "login.denied", request, severity="warning", outcome="denied", actor_type="anonymous",
        actor_label=typed if known else None,
    )  # fmt: skip


def _record(event_type: str, request: HttpRequest | None, **details: Any) -> None:
    at_hand = contexts.current()
    if request is None or (at_hand is not None and at_hand.request is not None):
        record(event_type, category="access", **details)
        return
    # Outside the middleware, as in a test's `force_login`.
    with contexts.context(request=request):
        record_many([Event(event_type=event_type, category="access", **details)])  # type: ignore[typeddict-item]
