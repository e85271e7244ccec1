"""Indexes whose names may be as long as PostgreSQL allows; Django stops at Oracle's 30."""

from __future__ import annotations

from django.contrib.postgres import indexes
from django.db import models

MAX_NAME_LENGTH = 63


class Index(models.Index):
    """A B-tree."""

    max_name_length = MAX_NAME_LENGTH


class GinIndex(indexes.GinIndex):
    """For the elements of arrays, documents and texts."""

    max_name_length = MAX_NAME_LENGTH


class BrinIndex(indexes.BrinIndex):
    """For columns that grow with the table; it costs almost nothing."""

    max_name_length = MAX_NAME_LENGTH


class HashIndex(indexes.HashIndex):
    """For equality of long keys."""

    max_name_length = MAX_NAME_LENGTH
