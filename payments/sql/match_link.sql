-- Which operation or dispute each line of a payout is about: by the provider's reference, else by our
-- key. A reference of several captures is settled by the key, then by the amount among them.
UPDATE payment_settlement_lines AS line
SET operation_id = found.operation_id, dispute_id = found.dispute_id
FROM (
    SELECT DISTINCT ON (candidate.line_id) candidate.*
    FROM (
        SELECT l.id AS line_id, o.id AS operation_id, NULL::bigint AS dispute_id,
               o.provider_key IS NOT DISTINCT FROM l.provider_key AS same_key,
               o.amount_minor = abs(coalesce(l.original_minor, l.gross_minor)) AS same_amount
        FROM payment_settlement_lines AS l
        JOIN payment_operation AS o ON o.provider_id = %(provider)s
            AND o.provider_reference = l.provider_reference AND o.provider_reference <> ''
            AND (CASE l.kind WHEN 'refund' THEN o.kind = 'refund' ELSE o.kind IN ('charge', 'capture') END)
        WHERE l.settlement_id = %(settlement)s AND l.match_status <> 'matched' AND l.kind IN ('charge', 'refund')
        UNION ALL
        SELECT l.id, o.id, NULL, true, false
        FROM payment_settlement_lines AS l
        JOIN payment_operation AS o ON o.provider_id = %(provider)s AND o.provider_key = l.provider_key
            AND (CASE l.kind WHEN 'refund' THEN o.kind = 'refund' ELSE o.kind IN ('charge', 'capture') END)
        WHERE l.settlement_id = %(settlement)s AND l.match_status <> 'matched' AND l.kind IN ('charge', 'refund')
          AND NOT EXISTS (SELECT FROM payment_operation AS named
                          WHERE named.provider_id = %(provider)s AND named.provider_reference <> ''
                            AND named.provider_reference = l.provider_reference)
        UNION ALL
        SELECT l.id, NULL, d.id, false, d.amount_minor = abs(coalesce(l.original_minor, l.gross_minor))
        FROM payment_settlement_lines AS l
        JOIN payment_disputes AS d ON d.provider_id = %(provider)s AND d.stage <> 'inquiry'
            AND (d.provider_reference = l.provider_reference
                 OR (d.charge_reference <> '' AND d.charge_reference = l.provider_reference))
        WHERE l.settlement_id = %(settlement)s AND l.match_status <> 'matched'
          AND l.kind IN ('dispute', 'dispute_reversal')
    ) AS candidate
    ORDER BY candidate.line_id, candidate.same_key DESC, candidate.same_amount DESC,
             candidate.operation_id, candidate.dispute_id
) AS found
WHERE line.id = found.line_id
