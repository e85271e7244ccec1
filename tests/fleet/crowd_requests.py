"""Requests by Django's own handlers, from the host name to the end of the response."""

import asyncio
import json

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import RequestFactory


def schemas():
    """The tenants' schemas, as the owner knows them."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT schema_name FROM public.tenancy_tenant WHERE schema_name <> 'public'"
            " ORDER BY schema_name"
        )
        found = [schema for (schema,) in cursor.fetchall()]
    connections["owner"].close()
    return found


class Asked:
    """What was answered, and what was wrong."""

    def __init__(self):
        self.answered = 0
        self.wrong = []
        self._wsgi, self._asgi = WSGIHandler(), ASGIHandler()

    def by_wsgi(self, turns):
        """One after the other, in this thread."""
        for schema in turns:
            environ = RequestFactory()._base_environ(HTTP_HOST=f"{schema}.localhost")
            response = self._wsgi(environ, lambda status, headers: None)
            self._take(schema, response.status_code, b"".join(response))
            response.close()

    async def all_by_asgi(self, all_turns):
        """Side by side, in tasks of one thread."""
        await asyncio.gather(*map(self._by_asgi, all_turns))

    async def _by_asgi(self, turns):
        for schema in turns:
            status, body = await self._one(f"{schema}.localhost")
            self._take(schema, status, body)

    async def _one(self, host):
        sent = []
        asked = asyncio.Event()

        async def receive():
            if asked.is_set():
                await asyncio.Event().wait()
            asked.set()
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": "/async/",
            "raw_path": b"/async/", "query_string": b"", "headers": [(b"host", host.encode())],
            "scheme": "http", "server": (host, 80), "client": ("127.0.0.1", 1), "asgi": {},
        }  # fmt: skip
        await self._asgi(scope, receive, send)
        body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
        return sent[0]["status"], body

    def _take(self, schema, status, body):
        self.answered += 1
        read = json.loads(body)["read"] if status == 200 else [status, body[:80].decode()]
        if set(read) != {schema}:
            self.wrong.append([schema, read])
