"""Access lists in a normal form: who may do what beside the owner, and what others than it granted.

An access list that was never touched is the built-in one, so that both say the same. The owner has
a place of its own, for objects may have different owners on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from weedgo.staged.model import Object

Key = str | tuple[str, str]

ROLE_FACTS = ("owner", "privileges", "member_privileges", "default_privileges")
"""Kinds of facts about roles: a scratch database says nothing of them."""

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
    "type": "type",
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


class Grant(NamedTuple):
    """What somebody else than the owner has granted: by which role, to which holder."""

    grantor: str
    holder: str
    privileges: tuple[str, ...]

    @property
    def key(self) -> Key:
        """Its place in the order of an access list."""
        return self.grantor, self.holder


@dataclass(frozen=True, slots=True)
class Access:
    """An access list.

    Args:
        owner, public: privileges of the owner and of everybody, by the owner.
        roles: privileges of others by the owner, by name of the role.
        grants: what others than the owner have granted.
        order: holders (with the grantor where that is not the owner) as PostgreSQL lists them,
            which pg_dump shows and nothing else.
    """

    owner: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    order: tuple[Key, ...] = ()

    @property
    def holders(self) -> dict[str, tuple[str, ...]]:
        """Privileges by holder: ``owner``, ``public``, ``role NAME``; nobody without any."""
        found = {OWNER: self.owner, PUBLIC: self.public}
        found |= {_ROLE + name: held for name, held in self.roles.items()}
        listed = dict.fromkeys((*(k for k in self.order if isinstance(k, str)), *found))
        return {holder: found[holder] for holder in listed if found.get(holder)}

    @property
    def attrs(self) -> dict[str, Any]:
        """The form that is compared: MAINTAIN apart, for servers before 17 do not know it."""
        plain = {h: [p for p in held if not _maintain(p)] for h, held in self.holders.items()}
        keeps = [
            [h, p.endswith("*")] for h, held in self.holders.items() for p in held if _maintain(p)
        ]
        keeps += [
            [g.holder, p.endswith("*"), g.grantor]
            for g in self.grants
            for p in g.privileges
            if _maintain(p)
        ]
        return {
            "owner": plain.get(OWNER, []),
            "public": plain.get(PUBLIC, []),
            "roles": {h.removeprefix(_ROLE): p for h, p in plain.items() if role_of(h) and p},
            "grants": [
                [g.grantor, g.holder, [p for p in g.privileges if not _maintain(p)]]
                for g in sorted(self.grants)
            ],
            "maintain": sorted(keeps),
        }

    def merged(self, role: str) -> Access:
        """The same once that role is the owner: what it held as another is the owner's now."""
        roles = dict(self.roles)
        held = _union(self.owner, roles.pop(role, ()))
        order = tuple(dict.fromkeys(_owned(k, role) for k in self.order))
        done = Access(held, self.public, roles, (), order)
        for grant in self.grants:
            holder = OWNER if grant.holder == _ROLE + role else grant.holder
            if grant.grantor != role:
                done = replace(done, grants=(*done.grants, grant._replace(holder=holder)))
            elif holder == OWNER:
                done = replace(done, owner=_union(done.owner, grant.privileges))
            elif holder == PUBLIC:
                done = replace(done, public=_union(done.public, grant.privileges))
            else:
                name = holder.removeprefix(_ROLE)
                mine = _union(done.roles.get(name, ()), grant.privileges)
                done = replace(done, roles={**done.roles, name: mine})
        return done

    def renamed(self, names: Mapping[str, str]) -> Access:
        """The same by other names of the roles, of which several may become one."""
        roles: dict[str, tuple[str, ...]] = {}
        for role, held in self.roles.items():
            name = names.get(role, role)
            roles[name] = _union(roles.get(name, ()), held)
        grants: dict[tuple[str, str], tuple[str, ...]] = {}
        for grant in self.grants:
            key = names.get(grant.grantor, grant.grantor), _called(grant.holder, names)
            grants[key] = _union(grants.get(key, ()), grant.privileges)
        order = (_called_key(key, names) for key in self.order)
        return Access(
            self.owner, self.public, roles, tuple(Grant(*k, p) for k, p in grants.items()),
            tuple(dict.fromkeys(order)),
        )  # fmt: skip

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
            (*self.grants, *other.grants),
            (*self.order, *other.order),
        )


def _owned(key: Key, role: str) -> Key:
    """A key of the order, once that role is the owner."""
    if isinstance(key, str):
        return OWNER if key == _ROLE + role else key
    grantor, holder = key
    holder = OWNER if holder == _ROLE + role else holder
    return holder if grantor == role else (grantor, holder)


def _called_key(key: Key, names: Mapping[str, str]) -> Key:
    if isinstance(key, str):
        return _called(key, names)
    grantor, holder = key
    return names.get(grantor, grantor), _called(holder, names)


def _called(holder: str, names: Mapping[str, str]) -> str:
    role = role_of(holder)
    return holder if role is None else _ROLE + names.get(role, role)


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
    held: dict[Key, tuple[str, ...]] = {}
    for item in items:
        found = _ITEM.match(item)
        if found is None:
            continue
        grantee, grantor = _unquoted(found[1]), _unquoted(found[3])
        holder = PUBLIC if not found[1] else OWNER if grantee == owner else _ROLE + grantee
        key: Key = holder if owner is None or grantor == owner else (grantor, holder)
        held[key] = _union(held.get(key, ()), words(found[2]))
    order = tuple(held)
    mine = held.pop(OWNER, ())
    everybody = held.pop(PUBLIC, ())
    roles = {k.removeprefix(_ROLE): p for k, p in held.items() if isinstance(k, str)}
    grants = tuple(Grant(*k, p) for k, p in held.items() if not isinstance(k, str))
    return Access(mine, everybody, roles, grants, order)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def access_of(obj: Object | None) -> Access:
    """The access list of a fact; nobody's where there is none."""
    if obj is None:
        return Access()
    held = {OWNER: list(obj["owner"]), PUBLIC: list(obj["public"])}
    held |= {_ROLE + name: list(privileges) for name, privileges in obj["roles"].items()}
    chained = {(g, h): list(privileges) for g, h, privileges in obj["grants"]}
    for keeper, passes_on, *grantor in _keepers(obj, held):
        privilege = MAINTAIN + "*" * passes_on
        if grantor:
            chained.setdefault((grantor[0], keeper), []).append(privilege)
        else:
            held.setdefault(keeper, []).append(privilege)
    roles = {name: tuple(sorted(p)) for h, p in held.items() if (name := role_of(h)) is not None}
    return Access(
        tuple(sorted(held[OWNER])),
        tuple(sorted(held[PUBLIC])),
        roles,
        tuple(Grant(*key, tuple(sorted(p))) for key, p in chained.items()),
        order=obj.get("order", ()),
    )


def _keepers(obj: Object, held: Mapping[str, list[str]]) -> Iterable[Sequence[Any]]:
    """Who holds MAINTAIN; from a server that does not know it, whoever holds all else."""
    known = obj.get("maintain")
    if known is not None:
        return list(known)
    if obj.get("class") != "table":
        return []
    everything = {*words(_ALL["table"])} - {MAINTAIN}
    return [(h, False) for h, p in held.items() if everything <= {x.rstrip("*") for x in p}]


def role(name: str) -> str:
    """A role as a holder."""
    return _ROLE + name


def role_of(holder: str) -> str | None:
    """The role's name of a holder; None for the owner and for everybody."""
    return holder.removeprefix(_ROLE) if holder.startswith(_ROLE) else None
