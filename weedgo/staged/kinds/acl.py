"""Access lists in a normal form: who may do what, beside the owner, whoever granted it.

An access list that was never touched is the built-in one, so that both say the same. The owner has
a place of its own, for objects may have different owners on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from weedgo.staged.model import Object

OWNER = "owner"
PUBLIC = "public"
_ROLE = "role "

_WORDS = {
    "r": "SELECT",
    "a": "INSERT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "m": "MAINTAIN",
    "X": "EXECUTE",
    "U": "USAGE",
    "C": "CREATE",
}
_ALL = {
    "table": "arwdDxtm",
    "column": "arwx",
    "sequence": "rwU",
    "function": "X",
    "type": "U",
    "schema": "UC",
    "language": "U",
    "server": "U",
    "large object": "rw",
}
_EVERYBODY = {"function": "X", "type": "U", "language": "U"}
_CLASS = {
    "table": "table",
    "view": "table",
    "materialized_view": "table",
    "foreign_table": "table",
    "column": "column",
    "sequence": "sequence",
    "function": "function",
    "aggregate": "function",
    "enum": "type",
    "domain": "type",
    "composite_type": "type",
    "range_type": "type",
    "schema": "schema",
    "language": "language",
    "foreign_data_wrapper": "server",
    "server": "server",
}
MAINTAIN = "MAINTAIN"
MAINTAIN_SINCE = 17

_ITEM = re.compile(r'^((?:"(?:[^"]|"")*"|[^"=])*)=([a-zA-Z*]*)/(.*)$', re.DOTALL)


def class_of(kind: str) -> str:
    """The class of privileges that objects of a kind have, such as ``table``."""
    return _CLASS[kind]


def words(letters: str) -> tuple[str, ...]:
    """Privileges by name, with a star where they may be passed on."""
    found = re.findall(r"([a-zA-Z])(\*?)", letters)
    return tuple(sorted(_WORDS[letter] + star for letter, star in found if letter in _WORDS))


@dataclass(frozen=True, slots=True)
class Access:
    """An access list.

    Args:
        owner, public: privileges of the owner and of everybody.
        roles: privileges of others, by name of the role.
        chained: somebody else than the owner has granted some of them.
        order: holders as PostgreSQL lists them, which pg_dump shows and nothing else.
    """

    owner: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chained: bool = False
    order: tuple[str, ...] = ()

    @property
    def holders(self) -> dict[str, tuple[str, ...]]:
        """Privileges by holder: ``owner``, ``public``, ``role NAME``; nobody without any."""
        found = {OWNER: self.owner, PUBLIC: self.public}
        found |= {_ROLE + name: held for name, held in self.roles.items()}
        listed = dict.fromkeys((*self.order, *found))
        return {holder: found[holder] for holder in listed if found.get(holder)}

    @property
    def attrs(self) -> dict[str, Any]:
        """The form that is compared: MAINTAIN apart, for servers before 17 do not know it."""
        plain = {h: [p for p in held if not _maintain(p)] for h, held in self.holders.items()}
        keeps = [
            [h, p.endswith("*")] for h, held in self.holders.items() for p in held if _maintain(p)
        ]
        return {
            "owner": plain.get(OWNER, []),
            "public": plain.get(PUBLIC, []),
            "roles": {h.removeprefix(_ROLE): p for h, p in plain.items() if role_of(h) and p},
            "maintain": sorted(keeps),
        }

    def merged(self, role: str) -> Access:
        """The same once that role is the owner: what it held as another is the owner's now."""
        roles = dict(self.roles)
        held = _union(self.owner, roles.pop(role, ()))
        order = tuple(dict.fromkeys(OWNER if h == _ROLE + role else h for h in self.order))
        return Access(held, self.public, roles, self.chained, order)

    def only(self, privileges: Mapping[str, Iterable[str]]) -> Access:
        """What of it is among the given, by holder."""

        def kept(holder: str, held: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(p for p in held if p.rstrip("*") in privileges.get(holder, ()))

        roles = {name: kept(_ROLE + name, held) for name, held in self.roles.items()}
        return Access(kept(OWNER, self.owner), kept(PUBLIC, self.public), roles)

    def plus(self, other: Access) -> Access:
        """Both together."""
        a, b = {**self.roles}, {**other.roles}
        return Access(
            _union(self.owner, other.owner),
            _union(self.public, other.public),
            {name: _union(a.get(name, ()), b.get(name, ())) for name in (a | b)},
            self.chained or other.chained,
            (*self.order, *other.order),
        )


def _maintain(privilege: str) -> bool:
    return privilege.rstrip("*") == MAINTAIN


def _union(a: Iterable[str], b: Iterable[str]) -> tuple[str, ...]:
    held = {*a, *b}
    return tuple(sorted(p for p in held if p.endswith("*") or p + "*" not in held))


def builtin(kind: str) -> Access:
    """What the owner and everybody may do with an object whose privileges nobody has touched."""
    group = _CLASS.get(kind, kind)
    owner = () if group == "column" else words(_ALL[group])
    return Access(owner, words(_EVERYBODY.get(group, "")), order=(PUBLIC, OWNER))


def parse(items: Iterable[str], owner: str | None) -> Access:
    """An access list as PostgreSQL prints it (``role=privileges/grantor``).

    Args:
        items: of ``aclitem[]``.
        owner: of the object.
    """
    held: dict[str, tuple[str, ...]] = {}
    chained = False
    for item in items:
        found = _ITEM.match(item)
        if found is None:
            continue
        grantee, grantor = _unquoted(found[1]), _unquoted(found[3])
        key = PUBLIC if not found[1] else OWNER if grantee == owner else _ROLE + grantee
        chained = chained or (owner is not None and grantor != owner)
        held[key] = _union(held.get(key, ()), words(found[2]))
    order = tuple(held)
    mine = held.pop(OWNER, ())
    everybody = held.pop(PUBLIC, ())
    roles = {k.removeprefix(_ROLE): p for k, p in held.items()}
    return Access(mine, everybody, roles, chained, order)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def access_of(obj: Object | None) -> Access:
    """The access list of a fact; nobody's where there is none."""
    if obj is None:
        return Access()
    held = {OWNER: list(obj["owner"]), PUBLIC: list(obj["public"])}
    held |= {_ROLE + name: list(privileges) for name, privileges in obj["roles"].items()}
    for keeper, passes_on in _keepers(obj, held):
        held.setdefault(keeper, []).append(MAINTAIN + "*" * passes_on)
    roles = {name: tuple(sorted(p)) for h, p in held.items() if (name := role_of(h)) is not None}
    return Access(
        tuple(sorted(held[OWNER])),
        tuple(sorted(held[PUBLIC])),
        roles,
        chained=bool(obj.get("chained")),
        order=obj.get("order", ()),
    )


def _keepers(obj: Object, held: Mapping[str, list[str]]) -> list[tuple[str, bool]]:
    """Who holds MAINTAIN; from a server that does not know it, whoever holds all else."""
    known = obj.get("maintain")
    if known is not None:
        return [(holder, passes_on) for holder, passes_on in known]
    if obj.get("class") != "table":
        return []
    everything = {*words(_ALL["table"])} - {MAINTAIN}
    return [(h, False) for h, p in held.items() if everything <= {x.rstrip("*") for x in p}]


def role_of(holder: str) -> str | None:
    """The role's name of a holder; None for the owner and for everybody."""
    return holder.removeprefix(_ROLE) if holder.startswith(_ROLE) else None
