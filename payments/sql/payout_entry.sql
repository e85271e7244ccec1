-- What a payout's lines come to in the ledger: account by class, and how much, in the payout's currency
-- (`minor`) and, where the customer paid in another, in that one (`original`).
SELECT CASE
           WHEN l.match_status <> 'matched' THEN 'suspense'
           WHEN l.kind = 'fee' THEN 'fee'
           WHEN l.kind IN ('dispute', 'dispute_reversal') THEN 'dispute'
           ELSE 'operation'
       END AS class,
       CASE WHEN l.match_status = 'matched' AND l.original_currency NOT IN ('', s.currency)
            THEN l.original_currency END AS foreign_currency,
       sum(l.gross_minor)::bigint AS gross, sum(l.fee_minor)::bigint AS fee,
       sum(l.net_minor)::bigint AS net, coalesce(sum(l.original_minor), 0)::bigint AS original
FROM payment_settlement_lines AS l
JOIN payment_settlements AS s ON s.id = l.settlement_id
WHERE l.settlement_id = %(settlement)s
GROUP BY 1, 2
ORDER BY 1, 2
