"""``python -m tests.fleet.crowd WAY WORKERS REQUESTS``: many requests of many tenants at once.

WAY is `wsgi` (threads) or `asgi` (tasks). Prints how many were answered and which read a row of
another tenant. The tenants are those of `MIGRATION_DATABASE_URL`.
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import django


def main(way: str, workers: int, requests: int) -> None:
    django.setup()
    from tests.fleet.crowd_requests import Asked, schemas

    names = schemas()
    turns = [
        [names[(7 * worker + turn) % len(names)] for turn in range(requests // workers)]
        for worker in range(workers)
    ]
    asked = Asked()
    if way == "asgi":
        asyncio.run(asked.all_by_asgi(turns))
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(asked.by_wsgi, turns))
    sys.stdout.write(json.dumps({"answered": asked.answered, "wrong": asked.wrong[:10]}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
