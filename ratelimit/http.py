"""Limits of requests: what of a request they look at, and what an answer says of them.

Headers and problem types are those of draft-ietf-httpapi-ratelimit-headers-10, refusals are
problem details (RFC 9457).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from audit.addresses import client_address
from ratelimit import services, worker
from ratelimit.conf import setting
from ratelimit.decisions import Decision, Verdict
from ratelimit.keys import Request

PROBLEMS = "https://iana.org/assignments/http-problem-types#"
TOO_MANY_REQUESTS = 429
# The longest that a structured field's integer may be (RFC 9651), and longer than anybody waits.
LARGEST = 999_999_999_999_999
# Where an attribute of the request keeps what was decided so far.
ATTRIBUTE = "rate_limit_decisions"


def facts(request: HttpRequest) -> Request:
    """Return what rules ask of a request."""
    tenant = getattr(getattr(request, "tenant", None), "schema_name", "public")
    return Request(
        method=(request.method or "GET").upper(),
        path=request.path_info,
        tenant="" if tenant == "public" else tenant,
        ip=client_address(request),
        user=lambda: _user(request),
        key=_api_key(request),
        route=lambda: _route(request),
        agent=request.headers.get("User-Agent"),
    )


def limit_request(request: HttpRequest) -> Verdict:
    """Take tokens by all rules whose route, method, tenant and network are the request's."""
    if not setting("RATELIMIT_ENABLED"):
        return Verdict(allowed=True)
    limits = worker.current()
    rules = limits.rules()
    if rules is None or not rules.for_requests:
        return Verdict(allowed=True)
    asked = facts(request)
    calls = [
        services.call_of(rule, key, asked.tenant, rule.cost_of(asked), key)
        for rule in rules.match(asked, worker.now())
        for key in [rule.key_for(asked)]
    ]
    return remember(request, services.settle(limits, calls, asked))


def remember(request: HttpRequest, verdict: Verdict) -> Verdict:
    """Keep what was decided for the headers of the answer."""
    kept = getattr(request, ATTRIBUTE, ())
    setattr(request, ATTRIBUTE, (*kept, *verdict.decisions))
    return verdict


def refusal(verdict: Verdict) -> HttpResponse:
    """Return the answer to a request that was refused: 429 with problem details."""
    first = verdict.tightest
    names = sorted({decision.rule for decision in verdict.refusals})
    wait = whole(first.retry_after)
    body: dict[str, Any] = {"status": TOO_MANY_REQUESTS}
    if first.unavailable and first.remaining is None:
        body |= {
            "type": f"{PROBLEMS}temporary-reduced-capacity",
            "title": "The limit of this request cannot be checked at the moment.",
        }
    else:
        body |= {
            "type": f"{PROBLEMS}quota-exceeded",
            "title": "There were too many requests.",
            "violated-policies": names,
        }
    body["detail"] = _detail(wait)
    response = HttpResponse(
        json.dumps(body), status=TOO_MANY_REQUESTS, content_type="application/problem+json"
    )
    if wait is not None:
        response["Retry-After"] = str(max(1, wait))
    # Whoever comes back later is another.
    response["Cache-Control"] = "no-store"
    return response


def add_headers(response: HttpResponseBase, decisions: Iterable[Decision]) -> HttpResponseBase:
    """Tell a client of the limits that it was held to: their policies, and what is left.

    Limits that only count are nobody's business, and what is not known is not told.
    """
    told = {d.rule: d for d in decisions if d.mode == "enforce" and d.limit is not None}
    if told:
        response["RateLimit-Policy"] = ", ".join(policy(decision) for decision in told.values())
    if known := [d for d in told.values() if d.remaining is not None]:
        response["RateLimit"] = ", ".join(left(decision) for decision in known)
    return response


def policy(decision: Decision) -> str:
    """Return one item of RateLimit-Policy: a quota, and the seconds in which it comes back."""
    window = whole(decision.window)
    items = {"q": math.floor(decision.limit or 0), "w": None if window is None else max(1, window)}
    return _item(decision.rule, items)


def left(decision: Decision) -> str:
    """Return one item of RateLimit: what is left, and the seconds until the quota is whole."""
    items = {"r": math.floor((decision.remaining or 0) + 1e-9), "t": whole(decision.reset_after)}
    return _item(decision.rule, items)


def whole(seconds: float | None) -> int | None:
    """Return whole seconds, rounded up; None for what never comes."""
    if seconds is None or not math.isfinite(seconds):
        return None
    return min(math.ceil(seconds), LARGEST)


def _item(name: str, parameters: Mapping[str, int | None]) -> str:
    # A string of structured fields holds printable ASCII only.
    plain = name.encode("ascii", "replace").decode()
    plain = "".join(letter if letter.isprintable() else "?" for letter in plain)
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    tail = "".join(f";{k}={min(v, LARGEST)}" for k, v in parameters.items() if v is not None)
    return f'"{quoted}"{tail}'


def _detail(wait: int | None) -> str:
    if wait is None:
        return "This request takes more than the limit ever holds."
    return f"Try again in {max(1, wait)} second{'s' if wait > 1 else ''}."


def _user(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return str(user.pk) if user is not None and user.is_authenticated else ""


def _api_key(request: HttpRequest) -> str:
    own = request.headers.get(setting("RATELIMIT_API_KEY_HEADER"), "")
    if own:
        return own
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "token", "api-key") else ""


def _route(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return route_of(request.path_info, getattr(request, "urlconf", None))


def route_of(path: str, urlconf: str | None = None) -> str:
    """Return the pattern that a path matches, such as `/orders/<int:pk>/`."""
    try:
        return f"/{resolve(path, urlconf).route}"
    except Resolver404:
        # One bucket for all that leads nowhere, or a scan would make one for each guess.
        return "not found"


def decisions_of(request: HttpRequest) -> Sequence[Decision]:
    """Return what was decided of a request so far."""
    return getattr(request, ATTRIBUTE, ())
