-- A million rows each behind the pages of the admin, of a month; triggers are off meanwhile.
SET session_replication_role = replica;
INSERT INTO public.agi_audit_logs (occurred_at, event_type, tenant, category, severity, outcome, actor_type, actor_id, target_table, target_pk)
SELECT now() - n * interval '2 seconds', 'event.' || n % 40, 'bench', 'business', 'info', CASE WHEN n % 50 = 0 THEN 'denied' ELSE 'success' END,
    'user', (n % 500)::text, 'orders', (n % 90000)::text
FROM generate_series(1, 1000000) n;
INSERT INTO public.agi_audit_aggregates (bucket_start, grain, tenant, event_type, dim, dim_value, count, errors)
SELECT date_trunc('minute', now()) - (n / 100) * interval '1 minute', 'minute', 'bench', 'event.' || n % 100, '', '', 5, 0 FROM generate_series(1, 1000000) n;
INSERT INTO public.agi_audit_aggregates (bucket_start, grain, tenant, event_type, dim, dim_value, count, errors)
SELECT date_trunc('hour', now()) - (n / 100) * interval '1 hour', 'hour', 'bench', 'event.' || n % 100, '', '', 5, 0 FROM generate_series(1, 5000) n;
INSERT INTO public.agi_audit_alerts (rule_key, dedup_key, severity, state, last_seen_at)
SELECT 'login.failures', 'key ' || n, 'warning', CASE WHEN n % 100 = 0 THEN 'open' ELSE 'resolved' END, now() - n * interval '1 second' FROM generate_series(1, 100000) n;
INSERT INTO public.agi_rate_limit_rules (name, scope, capacity, refill_per_sec) SELECT 'rule' || n, 'ip', 10, 1 FROM generate_series(1, 20) n;
INSERT INTO public.agi_rate_limit_violations (rule_id, key_hash, minute, tenant, hits, cost, sample_ip)
SELECT (SELECT min(id) FROM public.agi_rate_limit_rules) + n % 20, sha256(n::text::bytea), date_trunc('minute', now()) - (n / 800) * interval '1 minute', 'bench', 3, 3, '192.0.2.7'
FROM generate_series(1, 1000000) n;
INSERT INTO public.agi_rate_limit_buckets (rule_id, key_hash, tokens) SELECT (SELECT min(id) FROM public.agi_rate_limit_rules) + n % 20, sha256(n::text::bytea), 1 FROM generate_series(1, 1000000) n;
INSERT INTO orders (tenant_id, order_number, checkout_key, store_id, status, payment_status, total_minor, subtotal_minor, placed_at)
SELECT 1, 'M' || n, gen_random_uuid(), 1, 'completed', 'paid', 1000, 1000, now() - n * interval '3 seconds' FROM generate_series(1, 900000) n;
INSERT INTO payment_providers (tenant_id, code, name, kind, adapter, methods) VALUES (1, 'sandbox', 'Sandbox', 'sandbox', 'sandbox', '{card}');
INSERT INTO payment_transactions (tenant_id, order_id, store_id, method, status, amount_minor, captured_minor, created_at)
SELECT 1, o.id, 1, 'card', 'paid', 1000, 1000, o.placed_at FROM orders o;
INSERT INTO payment_operation (tenant_id, transaction_id, order_id, provider_id, provider_key, kind, status, amount_minor, request_key, created_at)
SELECT 1, t.id, t.order_id, 1, gen_random_uuid(), 'charge', 'succeeded', 1000, 'one', t.created_at FROM payment_transactions t;
INSERT INTO payment_webhook_events (tenant_id, provider_id, event_id, event_type, payload, received_at, processed_at)
SELECT 1, 1, 'evt_' || n, 'paid', '{}', now() - n * interval '2 seconds', now() FROM generate_series(1, 1000000) n;
INSERT INTO payment_provider_health_metrics (tenant_id, provider_id, method, bucket_start, call_count)
SELECT 1, 1, 'card', now() - n * interval '10 seconds', 3 FROM generate_series(1, 200000) n;
