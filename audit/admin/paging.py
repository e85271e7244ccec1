"""Pages of a long list by the place of the last row, not by counting from the start."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

PLACE = "before"


class KeysetPaginator(InfinitePaginator):
    """A page that knows only what comes after it."""

    template_name = "audit/keyset_pagination.html"


class KeysetChangeList(ChangeList):
    """Newest first, from a place on: page one and page 100,000 cost the same."""

    def get_filters_params(self, params: Any = None) -> Any:
        """Return the parameters of filters, without the place."""
        known = super().get_filters_params(params)
        known.pop(PLACE, None)
        return known

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        """Return the rows that come after the place."""
        rows = super().get_queryset(request, exclude_parameters)
        place = _place(request.GET.get(PLACE, ""))
        if place is None:
            return rows
        when, id = place
        return rows.filter(
            Q(occurred_at__lte=when) & (Q(occurred_at__lt=when) | Q(occurred_at=when, id__lt=id))
        )

    @property
    def older(self) -> str | None:
        """The query of the next page, None on the last."""
        if len(self.result_list) < self.list_per_page:
            return None
        last = self.result_list[len(self.result_list) - 1]
        return self.get_query_string({PLACE: f"{last.occurred_at.isoformat()}_{last.pk}"}, ["p"])

    @property
    def newest(self) -> str | None:
        """The query of the first page, None on it."""
        return self.get_query_string(remove=[PLACE, "p"]) if self._is_later else None

    def get_results(self, request: HttpRequest) -> None:
        """Fill the page."""
        self._is_later = PLACE in request.GET
        # get_query_string builds on these.
        params: dict[str, Any] = self.params  # type: ignore[has-type]
        self.params = {**params, **({PLACE: request.GET[PLACE]} if self._is_later else {})}
        super().get_results(request)
        # Neither is known; the page's head shows them where they differ.
        self.full_result_count = self.result_count


def _place(text: str) -> tuple[dt.datetime, int] | None:
    when, _, id = text.rpartition("_")
    try:
        return dt.datetime.fromisoformat(when.replace(" ", "+")), int(id)
    except ValueError:
        return None
