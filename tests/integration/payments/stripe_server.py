"""A local HTTP server that speaks as much of Stripe's documented API as the adapter uses.

Not Stripe: it keeps payment intents, refunds and disputes in memory, answers idempotency keys as
https://docs.stripe.com/api/idempotent_requests says, errors as /api/errors says, and can be told to
fail on the wire: to close the connection before or after it has done what was asked.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CARDS = {"pm_declined": "insufficient_funds", "pm_stripe_failed": "processing_error"}


class StripeServer:
    """The server and what it keeps."""

    def __init__(self):
        self.intents, self.refunds, self.disputes = {}, {}, {}
        self.answers, self.requests = {}, []
        self.faults = []
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        handler = type("Handler", (Handler,), {"stripe": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def signed(self, kind, thing, secret):
        """Body and header of a webhook."""
        event = {
            "id": f"evt_{next(self.numbers)}", "object": "event", "type": kind,
            "data": {"object": thing},
        }  # fmt: skip
        body = json.dumps(event).encode()
        at = str(int(time.time()))
        digest = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return body, {"Stripe-Signature": f"t={at},v1={digest}"}

    def answer(self, method, path, form, key):
        """Return status and document; the same key is done once."""
        known = self.answers.get(key) if key else None
        if known is not None:
            asked, status, document = known
            if asked != (path, form):
                return 400, error("idempotency_error", "keys were used with other parameters")
            return status, document
        status, document = self.route(method, path, form)
        if key and status < 500:
            self.answers[key] = ((path, form), status, document)
        return status, document

    def route(self, method, path, form):
        routes = [
            ("POST", r"/v1/payment_intents", self.create),
            ("GET", r"/v1/payment_intents/search", self.search),
            ("GET", r"/v1/payment_intents/(\w+)", lambda _, i: (200, self.intents[i])),
            ("POST", r"/v1/payment_intents/(\w+)/capture", self.capture),
            ("POST", r"/v1/payment_intents/(\w+)/cancel", self.cancel),
            ("POST", r"/v1/refunds", self.refund),
            ("GET", r"/v1/refunds", self.list_refunds),
            ("GET", r"/v1/disputes/(\w+)", lambda _, i: (200, self.disputes[i])),
            ("POST", r"/v1/disputes/(\w+)", self.evidence),
        ]
        for wanted, pattern, do in routes:
            found = re.fullmatch(pattern, path)
            if wanted == method and found:
                return do(form, *found.groups())
        return 404, error("invalid_request_error", f"Unrecognized request URL ({path})")

    def create(self, form):
        number = next(self.numbers)
        code = CARDS.get(form.get("payment_method", ""))
        manual = form.get("capture_method") == "manual"
        intent = {
            "id": f"pi_{number}", "object": "payment_intent", "amount": int(form["amount"]),
            "currency": form["currency"], "metadata": metadata(form), "amount_received": 0,
            "status": "requires_capture" if manual else "succeeded", "last_payment_error": None,
        }  # fmt: skip
        self.intents[intent["id"]] = intent
        if code is None:
            return 200, intent
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {"code": "card_declined"}
        return 402, error(
            "card_error", "Your card 4242424242424242 was declined.", code="card_declined",
            decline_code=code, payment_intent=intent,
        )  # fmt: skip

    def search(self, form):
        wanted = re.search(r"'([0-9a-f-]{36})'", form["query"])[1]
        found = [i for i in self.intents.values() if i["metadata"].get("weedgo_key") == wanted]
        return 200, {"object": "search_result", "data": found, "has_more": False, "url": "/"}

    def capture(self, form, intent):
        standing = self.intents[intent]
        if standing["status"] != "requires_capture":
            return 400, error(
                "invalid_request_error", "not capturable", code="payment_intent_unexpected_state"
            )
        standing |= {
            "status": "succeeded", "amount_received": int(form["amount_to_capture"]),
            "metadata": standing["metadata"] | metadata(form),
        }  # fmt: skip
        return 200, standing

    def cancel(self, form, intent):
        self.intents[intent]["status"] = "canceled"
        return 200, self.intents[intent]

    def refund(self, form):
        refund = {
            "id": f"re_{next(self.numbers)}", "object": "refund", "amount": int(form["amount"]),
            "payment_intent": form["payment_intent"], "metadata": metadata(form),
            "status": "succeeded", "failure_reason": None,
        }  # fmt: skip
        self.refunds[refund["id"]] = refund
        return 200, refund

    def list_refunds(self, form):
        of = [r for r in self.refunds.values() if r["payment_intent"] == form["payment_intent"]]
        return 200, {"object": "list", "data": of, "has_more": False, "url": "/v1/refunds"}

    def evidence(self, form, dispute):
        self.disputes[dispute] |= {"status": "under_review", "evidence": form}
        return 200, self.disputes[dispute]


def metadata(form):
    return {
        name[len("metadata[") : -1]: value
        for name, value in form.items()
        if name.startswith("metadata[")
    }


def error(kind, message, **more):
    return {"error": {"type": kind, "message": message, **more}}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    stripe: StripeServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.respond("GET", {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.respond("POST", {k: v[0] for k, v in parse_qs(body).items()})

    def respond(self, method, form):
        stripe = self.stripe
        with stripe.lock:
            fault = stripe.faults.pop(0) if stripe.faults else None
            stripe.requests.append((method, urlsplit(self.path).path, dict(self.headers)))
            if fault == "close before":
                self.connection.close()
                self.close_connection = True
                return
            if isinstance(fault, int):
                status, document = fault, error("api_error", "an error of ours")
            else:
                key = self.headers.get("Idempotency-Key")
                status, document = stripe.answer(method, urlsplit(self.path).path, form, key)
            if fault == "close after":
                self.connection.close()
                self.close_connection = True
                return
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-Id", "req_1")
        self.end_headers()
        self.wfile.write(body)
