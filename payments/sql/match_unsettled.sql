-- What succeeded some time ago and is in no payout, of providers that send payouts.
INSERT INTO payment_exceptions (tenant_id, kind, key, operation_id, amount_minor, currency, detail)
SELECT o.tenant_id, 'not_settled', 'operation:' || o.id, o.id, o.amount_minor, o.currency,
       left(o.kind || ' ' || o.provider_reference || ' at ' || p.code, 300)
FROM payment_operation AS o
JOIN payment_providers AS p ON p.id = o.provider_id
WHERE o.status IN ('succeeded', 'late') AND o.kind IN ('charge', 'capture', 'refund')
  AND o.finished_at < now() - %(within)s
  AND EXISTS (SELECT FROM payment_settlements AS s WHERE s.provider_id = o.provider_id)
  AND NOT EXISTS (SELECT FROM payment_settlement_lines AS l
                  WHERE l.operation_id = o.id AND l.match_status = 'matched')
  AND NOT EXISTS (SELECT FROM payment_exceptions AS known
                  WHERE known.key = 'operation:' || o.id AND known.kind = 'not_settled')
