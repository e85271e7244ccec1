"""Subscriptions: made without a connection, so that a migration never takes another's slot.

Whether one is enabled is the state of a replication and no part of the schema: what the run makes
is disabled. A connection string can hold a password, which is sent to the target and written
nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from weedgo.staged import db
from weedgo.staged.kinds.base import (
    Address,
    Context,
    Kind,
    Row,
    comma,
    ident,
    literal,
    name,
    render,
    work,
)
from weedgo.staged.model import Object, Stage, Statement, Work

_ROUNDS = 100_000
# What only newer servers know: since which, and what it is where nothing is said.
_SINCE: dict[str, tuple[int, Any]] = {
    "password_required": (16, True),
    "run_as_owner": (16, False),
    "origin": (16, "any"),
    "failover": (17, False),
}
_ALTERED = (
    "binary", "streaming", "disable_on_error", "synchronous_commit", "password_required",
    "run_as_owner", "origin",
)  # fmt: skip
# The publisher's slot has them too.
_OF_SLOT = ("two_phase", "failover")


class _Connection(str):
    """A connection string with its secrets: never printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<connection>"


class SubscriptionKind(Kind):
    """``CREATE SUBSCRIPTION``, disabled and not connected; its slot is left to the publisher."""

    name = "subscription"
    stage = Stage.ACCESS
    label = "subscriptions"
    source = "subscription"
    classid = 6100

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        given = _Connection(row["_given"])
        for obj, address in super().read(row):
            if obj.id.kind != self.name:
                yield obj, address
                continue
            attrs = {**obj.attrs, "connection": _shown(obj.id.name, given)}
            yield Object(obj.id, attrs, {**obj.info, "given": given}), address

    def create(self, obj: Object, ctx: Context) -> Work:
        def text(connection: str) -> str:
            return render(
                "CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH ({})",
                name(obj.id),
                literal(connection),
                _publications(obj),
                comma(["connect = false", *_options(obj, ctx)]),
            )

        hazard = "it is disabled: enable it where it is to replicate, and refresh it"
        done = _secretly(text, obj, ctx)
        return done if ctx.backward else done.then(Work(hazards=(hazard,)))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        differing = {k for k in before.attrs if k in after.attrs and before[k] != after[k]}
        if differing & set(_OF_SLOT):
            return Work(replace=True)
        done = Work()
        subject = name(after.id)
        if "connection" in differing:
            done = _secretly(
                lambda c: render("ALTER SUBSCRIPTION {} CONNECTION {}", subject, literal(c)),
                after,
                ctx,
            )
        if "publications" in differing:
            text = "ALTER SUBSCRIPTION {} SET PUBLICATION {} WITH (refresh = false)"
            hazard = "tables of new publications are copied once it is refreshed"
            text = render(text, subject, _publications(after))
            done = done.then(work(text, hazards=(hazard,)))
        if "slot_name" in differing:
            done = done.then(_other_slot(before, after))
        if changed := [_option(k, after[k]) for k in _ALTERED if k in differing]:
            text = render("ALTER SUBSCRIPTION {} SET ({})", subject, comma(changed))
            done = done.then(work(text))
        return done

    def drop(self, obj: Object, ctx: Context) -> Work:
        statements = [*_parted(obj)] if obj["slot_name"] else []
        statements.append(render("DROP SUBSCRIPTION {}", name(obj.id)))
        return work(*statements, hazards=() if ctx.backward else _forgotten(obj))


def _shown(subscription: str, connection: str) -> str:
    """What is compared: the connection, with a digest in place of its secrets."""
    if not db.holds_secret(connection):
        return str(connection)
    salt = f"subscription {subscription}".encode()
    digest = hashlib.pbkdf2_hmac("sha256", connection.encode(), salt, _ROUNDS).hex()[:32]
    return f"{db.redact(connection)} (digest {digest})"


def _secretly(text: Any, obj: Object, ctx: Context) -> Work:
    """A statement with the connection, shown without its secrets."""
    given = str(obj.get("given"))
    if not db.holds_secret(given):
        return work(text(given))
    if ctx.backward:
        return Work(refusal="the password of its connection is kept nowhere")
    hazard = "the password of its connection goes to the target but into no file"
    return Work((Statement(text(db.redact(given)), secret=text(given)),), hazards=(hazard,))


def _publications(obj: Object) -> str:
    return comma([ident(p).as_string(None) for p in obj["publications"]])


def _options(obj: Object, ctx: Context) -> list[str]:
    """All that is set; what only a newer target knows is left to its default on an older one."""
    names = ["slot_name", *_OF_SLOT[:1], *_ALTERED, *_OF_SLOT[1:]]
    found = []
    for option in names:
        since, default = _SINCE.get(option, (0, None))
        known = option in obj.attrs and (ctx.target.major >= since or obj[option] != default)
        if known:
            found.append(_option(option, obj[option]))
    return found


def _option(option: str, value: Any) -> str:
    if value is None:
        return f"{option} = NONE"
    if isinstance(value, bool):
        return f"{option} = {'true' if value else 'false'}"
    return render("{} = {}", option, literal(value))


def _parted(obj: Object) -> list[str]:
    """It lets go of its slot, or the publisher would be asked to drop it."""
    return [
        render("ALTER SUBSCRIPTION {} DISABLE", name(obj.id)),
        render("ALTER SUBSCRIPTION {} SET (slot_name = NONE)", name(obj.id)),
    ]


def _other_slot(before: Object, after: Object) -> Work:
    if after["slot_name"] is None:
        return work(*_parted(before), hazards=_forgotten(before))
    option = _option("slot_name", after["slot_name"])
    statements = [render("ALTER SUBSCRIPTION {} SET ({})", name(after.id), option)]
    if after.get("enabled") and before["slot_name"] is None:
        statements.append(render("ALTER SUBSCRIPTION {} ENABLE", name(after.id)))
    return work(*statements)


def _forgotten(obj: Object) -> tuple[str, ...]:
    """What the publisher keeps of a subscription that goes, or lets go of its slot."""
    if not obj["slot_name"]:
        return ()
    slot = f"the publisher keeps its slot {obj['slot_name']} with all that it has not sent"
    return (f"{slot}: drop it there, unless another takes it",)
