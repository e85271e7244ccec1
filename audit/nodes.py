"""The audit log on a Citus cluster, where changed rows are recorded on the node that has them.

Each node has a table of the log's name and columns of its own, so that a change and its entry are
of one transaction there. A job of `audit_worker` brings the entries into the log, where they are
sealed; until then only the tables' owner can reach them.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from psycopg import sql

from audit import jobs
from weedgo import project
from weedgo.tenancy import citus

# The key of masked values is the same on all nodes, and made before it is copied.
_KEY = "SELECT public.agi_audit_mask('')"
# What the log gives an entry when it comes: the order of seals is that of transactions here.
_OWN = ("id", "xid", "epoch")
_BATCH = 1000
_WAITING = """
SELECT coalesce(json_agg(l), '[]')::text
  FROM (SELECT * FROM public.agi_audit_logs ORDER BY occurred_at LIMIT 1000) l
"""
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = 'public.agi_audit_logs'::regclass
   AND attnum > 0 AND NOT attisdropped AND attname <> ALL (%s) ORDER BY attnum
"""
# A round that ended between its two halves is done again: the salt tells what has come already.
# That a table was emptied is in the log: the first node's triggers have recorded it too.
_TAKE = """
INSERT INTO public.agi_audit_logs ({columns}) SELECT {values}
  FROM jsonb_populate_recordset(NULL::public.agi_audit_logs, %s::jsonb) AS r
 WHERE NOT EXISTS (SELECT FROM public.agi_audit_logs AS l
                    WHERE l.occurred_at = r.occurred_at AND l.what_salt = r.what_salt)
   AND r.op IS DISTINCT FROM 'TRUNCATE'
 ORDER BY r.occurred_at, r.id
"""
# Nodes talk to each other under a name that says nothing of who began.
_APP = "CASE WHEN r.app_name NOT LIKE 'citus\\_internal%%' THEN r.app_name END"


def register() -> None:
    """Say which of the log's tables triggers need on each node."""
    citus.on_each_node(citus.NodeTable("agi_audit_logs"))
    citus.on_each_node(citus.NodeTable("agi_audit_epochs"))
    citus.on_each_node(citus.NodeTable("agi_audit_keys", copied=True, first=_KEY))


def needed() -> bool:
    """Whether the database is on a cluster."""
    if not project.isolated():
        return False
    with jobs.connection().cursor() as cursor:
        return citus.present(cursor)


def fetch() -> int:
    """Bring into the log what the nodes have recorded; return how many entries came.

    Raises:
        BusyError: another process is at it.
        CitusError: a node refuses; what others had has come.
    """
    count, more = 0, True
    with jobs.only_one("nodes"), jobs.connection().cursor() as cursor:
        take = _taking(cursor)
        while more:
            answers = [json.loads(answer) for _, answer in citus.on_workers(cursor, _WAITING)]
            waiting = [row for answer in answers for row in answer]
            if waiting:
                count += _brought(cursor, take, waiting)
            more = any(len(answer) == _BATCH for answer in answers)
    return count


def _brought(cursor: Any, take: str, entries: list[dict[str, Any]]) -> int:
    """Put entries into the log, then take them away where they were; how many were new."""
    with transaction.atomic(using=project.owner()):
        cursor.execute(take, [json.dumps(entries)])
        count = int(cursor.rowcount)
    salts = sql.Literal([entry["what_salt"] for entry in entries])
    gone = sql.SQL("DELETE FROM public.agi_audit_logs WHERE what_salt = ANY ({}::uuid[])")
    citus.on_workers(cursor, gone.format(salts).as_string(None))
    return count


def _taking(cursor: Any) -> str:
    cursor.execute(_COLUMNS, [list(_OWN)])
    names = [str(name) for (name,) in cursor.fetchall()]
    values = (_APP if name == "app_name" else f"r.{name}" for name in names)
    return _TAKE.format(columns=", ".join(names), values=", ".join(values))
