"""Descriptions of the fields of webhooks and their deliveries, as in `descriptions.FIELDS`."""

FIELDS = {
    "webhooks": "The webhooks.",
    "Webhook.url": "Where events are sent, byte for byte as you gave it.",
    "description": "What it is for; null if you did not say.",
    "consecutive_failures": "Attempts that failed since the last one that succeeded.",
    "auto_disabled_at": "When it was switched off because it failed for too long, or answered 410; "
    "null: it was not.",
    "last_delivery_at": "When something was last sent to it.",
    "last_success_at": "When it last answered with 2xx.",
    "last_failure_at": "When it last did not.",
    "duration_ms": "How long the request took, in milliseconds.",
    "deliveries": "The deliveries, newest first.",
    "pagination": "Which page of the list this is.",
    "event_id": "The event's id, the same at every attempt: the header `webhook-id`.",
    "event": "What happened.",
    "Redelivered.delivery_id": "The delivery's id.",
    "Delivery.status": "`waiting`: an attempt follows; `failed`: none follows by itself.",
    "attempt_number": "Counts from 1.",
    "status_code": "The HTTP status of the answer; null if there was none.",
    "request_headers": "What was sent with the last attempt.",
    "request_body": "What is sent, the same bytes at every attempt.",
    "response_body": "The beginning of the last answer.",
    "attempted_at": "When the attempt began.",
    "next_attempt_at": "When the next attempt is made; null: none is planned.",
    "Delivery.attempts": "The newest 20 attempts, newest first.",
    "DeliveryAttempt.error": "Why it failed; null if it did not.",
}
