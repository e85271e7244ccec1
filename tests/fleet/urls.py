"""A site of two pages that say whose label they read, by several ways."""

from django.db import connection, transaction
from django.http import JsonResponse
from django.urls import path


def _read():
    from tests.fleet.models import Label

    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM labels")
        raw = cursor.fetchone()[0]
    with transaction.atomic():
        inside = Label.objects.values_list("text", flat=True).get()
    lazy = Label.objects.values_list("text", flat=True)
    return [raw, inside, *lazy, connection.schema_name]


def label(request):
    return JsonResponse({"read": _read()})


async def label_async(request):
    import asyncio

    from asgiref.sync import sync_to_async

    first = await sync_to_async(_read)()
    await asyncio.sleep(0)
    return JsonResponse({"read": first + await sync_to_async(_read)()})


urlpatterns = [path("", label), path("async/", label_async)]
