CREATE VIEW recent_login_activity WITH (security_invoker = true) AS
SELECT e.user_id,
       (array_agg(e.email ORDER BY e.occurred_at DESC))[1] AS email,
       count(*) FILTER (WHERE e.outcome = 'success') AS logins,
       count(*) FILTER (WHERE e.outcome = 'failure') AS failures,
       max(e.occurred_at) AS last_seen_at,
       coalesce(
           array_agg(DISTINCT text(network(set_masklen(e.ip_address, CASE family(e.ip_address) WHEN 4 THEN 24 ELSE 48 END))))
               FILTER (WHERE e.ip_address IS NOT NULL),
           '{}'
       ) AS networks
  FROM login_events AS e
 WHERE e.user_id IS NOT NULL
   AND e.occurred_at > now() - interval '30 days'
 GROUP BY e.user_id;
COMMENT ON VIEW recent_login_activity IS 'Log-ins of each user over the last thirty days.';
