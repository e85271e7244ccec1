"""Pages that ask whether something is to be done, and have it done by a job."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from weedgo.console import jobs


def confirm(  # noqa: PLR0913 - what the page says
    model_admin: Any,
    request: HttpRequest,
    *,
    kind: str,
    command: Sequence[str],
    title: str,
    text: str,
    button: str,
    back: str,
    about: str = "",
    refusal: str = "",
) -> HttpResponse:
    """Show what is to be done; at a POST queue it and go to the job's page.

    Args:
        model_admin: whose page it is.
        request: by somebody whose permission was looked at.
        kind: of the job.
        command: of the job.
        title, text, button: of the page.
        back: where to go instead.
        about: what the job is for.
        refusal: why it cannot be done; then nothing can be sent.
    """
    if request.method == "POST" and not refusal:
        try:
            job = jobs.ask(kind, command, request.user, about)
        except jobs.BusyError as error:
            messages.warning(request, f"{error}; this is it.")
            job = error.job
        return redirect("admin:console_job_change", job.pk)
    context = model_admin.admin_site.each_context(request) | {
        "title": title, "text": text, "button": button, "back": back, "refusal": refusal,
        "command": shlex.join(command), "starts": settings.CONSOLE_START_JOBS,
    }  # fmt: skip
    return render(request, "console/confirm.html", context)
