"""All addresses of the admin, from its registry, and what no page of it may do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.contrib import admin
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page

STANDARD = ("changelist", "add", "history", "delete", "change", "autocomplete")
# Addresses that answer with a file.
FILES = ("export",)
# The ratio of luminances below which a text is not told from its ground: WCAG 2.2, 1.4.3, for large
# text. Ordinary text is to have 4.5; what has less is Unfold's own links in the dark (3.9 and 4.3).
CONTRAST = 3.0
DESK = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
LOOKS = (("light", DESK, "light"), ("dark", DESK, "dark"), ("phone", PHONE, "light"))


def addresses(user) -> Iterator[str]:
    """All pages that a user may open: lists, forms and pages beside them, of the active schema."""
    request = RequestFactory().get("/")
    request.user = user
    yield reverse("admin:index")
    for model, model_admin in admin.site._registry.items():
        if not model_admin.has_view_permission(request):
            continue
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{base}_changelist")
        if model_admin.has_add_permission(request):
            yield reverse(f"{base}_add")
        row = model_admin.get_queryset(request).order_by().first()
        if row is not None:
            yield reverse(f"{base}_change", args=[row.pk])
            if model_admin.has_delete_permission(request, row):
                yield reverse(f"{base}_delete", args=[row.pk])
        yield from _beside(model_admin)


def histories(user) -> Iterator[str]:
    """The pages of what became of an object, one of each model."""
    request = RequestFactory().get("/")
    request.user = user
    for model, model_admin in admin.site._registry.items():
        if not model_admin.has_view_permission(request):
            continue
        if (row := model_admin.get_queryset(request).order_by().first()) is not None:
            base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield reverse(f"{base}_history", args=[row.pk])


def _beside(model_admin) -> Iterator[str]:
    """Pages of a model's admin that are neither list nor form."""
    for pattern in model_admin.get_urls():
        name = pattern.name or ""
        if not name or name.endswith(STANDARD) or any(word in name for word in FILES):
            continue
        try:
            yield reverse(f"admin:{name}")
        except NoReverseMatch:
            continue


@dataclass
class Watch:
    """What a page said and asked for while it was looked at."""

    page: Page
    host: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: said.type == "error" and self.add(said.text))
        self.page.on("pageerror", lambda error: self.add(str(error)))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", lambda asked: self.add(f"{asked.url}: {asked.failure}"))

    def add(self, text: str) -> None:
        self.errors.append(text)

    def _asked(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.add(f"asks another host: {request.url}")

    def taken(self) -> list[str]:
        """What there was since the last time."""
        found, self.errors[:] = list(self.errors), []
        return found


def looks(page: Page, places: Sequence[int]) -> Iterator[str]:
    """Show the page in some of `LOOKS`, one after the other, and yield the look's name."""
    for name, size, scheme in (LOOKS[place] for place in places):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.evaluate(
            "dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark"
        )
        # Colours may take a moment to change.
        page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
        yield name


def too_wide(page: Page) -> int:
    """How many pixels the page sticks out sideways."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def faint(page: Page) -> list[str]:
    """Texts that one hardly reads: their colour is too near to that behind them."""
    return page.evaluate(_FAINT, CONTRAST)


_FAINT = r"""
(least) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = '#000'; canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) =>
    [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = colour => {
    const [r, g, b] = colour.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== 'none') return null;
      layers.push(rgba(style.backgroundColor));
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility({opacityProperty: true, visibilityProperty: true}))
      continue;
    if (element.closest('script, style, svg, option, [aria-hidden=true]')) continue;
    if (element.closest('.material-symbols-outlined')) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || element.matches(':disabled, :disabled *')) continue;
    const below = ground(element);
    if (!below) continue;
    const shown = over(rgba(getComputedStyle(element).color), below);
    const [a, b] = [light(shown), light(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least) found.add(`${text.slice(0, 40)} (${ratio.toFixed(1)})`);
  }
  return [...found];
}
"""
