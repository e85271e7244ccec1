"""Where providers send their events: /payments/webhooks/<code of the provider>/."""

from django.urls import path

from payments.views import webhook

app_name = "payments"
urlpatterns = [path("webhooks/<slug:code>/", webhook, name="webhook")]
