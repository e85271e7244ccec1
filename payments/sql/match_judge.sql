-- Whether each line that is not matched yet agrees with what it is about; what does not is an exception.
WITH facts AS MATERIALIZED (
    SELECT l.tenant_id, l.id, l.kind, l.operation_id, l.dispute_id, l.provider_reference,
           coalesce(l.original_minor, l.gross_minor) AS minor,
           coalesce(nullif(l.original_currency, ''), s.currency) AS currency,
           CASE WHEN l.kind IN ('refund', 'dispute') THEN -1 ELSE 1 END AS sign,
           coalesce(o.amount_minor, d.amount_minor) AS wanted_minor,
           coalesce(o.currency, d.currency) AS wanted_currency,
           coalesce(o.status, d.status) AS status,
           row_number() OVER (PARTITION BY l.operation_id, l.dispute_id, l.kind ORDER BY l.id) AS place,
           EXISTS (SELECT FROM payment_settlement_lines AS other
                   WHERE other.match_status = 'matched' AND other.id <> l.id
                     AND (other.operation_id = l.operation_id
                          OR (other.dispute_id = l.dispute_id AND other.kind = l.kind))) AS taken
    FROM payment_settlement_lines AS l
    JOIN payment_settlements AS s ON s.id = l.settlement_id
    LEFT JOIN payment_operation AS o ON o.id = l.operation_id
    LEFT JOIN payment_disputes AS d ON d.id = l.dispute_id
    WHERE l.settlement_id = %(settlement)s AND l.match_status <> 'matched'
), judged AS MATERIALIZED (
    SELECT facts.*, CASE
        WHEN kind = 'fee' THEN NULL
        WHEN kind = 'adjustment' THEN 'adjustment'
        WHEN operation_id IS NULL AND dispute_id IS NULL THEN 'unknown_reference'
        WHEN taken OR place > 1 THEN 'settled_twice'
        WHEN operation_id IS NOT NULL AND status NOT IN ('succeeded', 'late')
             OR kind = 'dispute_reversal' AND status <> 'won' THEN 'not_succeeded'
        WHEN currency <> wanted_currency THEN 'currency_differs'
        WHEN minor <> sign * wanted_minor THEN 'amount_differs'
    END AS reason
    FROM facts
), told AS (
    UPDATE payment_settlement_lines AS line
    SET match_status = CASE WHEN judged.reason IS NULL THEN 'matched' ELSE 'exception' END
    FROM judged
    WHERE line.id = judged.id
), settled AS (
    UPDATE payment_exceptions AS e
    SET resolved_at = now(), resolution = 'in a payout since'
    FROM judged
    WHERE e.kind = 'not_settled' AND e.resolved_at IS NULL
      AND judged.reason IS NULL AND e.operation_id = judged.operation_id
)
INSERT INTO payment_exceptions (tenant_id, kind, key, settlement_id, line_id, operation_id, amount_minor, currency, detail)
SELECT tenant_id, reason, 'line:' || id, %(settlement)s, id, operation_id,
       CASE reason WHEN 'amount_differs' THEN minor - sign * wanted_minor ELSE minor END, currency,
       left(kind || ' ' || provider_reference || CASE reason
           WHEN 'amount_differs' THEN format(': %%s instead of %%s', minor, sign * wanted_minor)
           WHEN 'currency_differs' THEN format(': in %%s instead of %%s', currency, wanted_currency)
           WHEN 'not_succeeded' THEN format(': we know it as %%s', status)
           ELSE '' END, 300)
FROM judged
WHERE reason IS NOT NULL
  AND NOT EXISTS (SELECT FROM payment_exceptions AS known
                  WHERE known.key = 'line:' || judged.id AND known.kind = judged.reason)
