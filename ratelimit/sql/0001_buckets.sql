-- How buckets are stored. Half of each page stays free, so that an update finds room on the row's
-- own page and touches no index; an index on updated_at would spoil that.

ALTER TABLE agi_rate_limit_buckets SET UNLOGGED;
ALTER TABLE agi_rate_limit_buckets SET (fillfactor = 50);
ALTER TABLE agi_rate_limit_buckets_logged SET (fillfactor = 50);

ALTER TABLE agi_rate_limit_buckets ADD CONSTRAINT agi_rate_limit_buckets_rule_id_fkey
    FOREIGN KEY (rule_id) REFERENCES agi_rate_limit_rules (id) ON DELETE CASCADE;
ALTER TABLE agi_rate_limit_buckets_logged ADD CONSTRAINT agi_rate_limit_buckets_logged_rule_id_fkey
    FOREIGN KEY (rule_id) REFERENCES agi_rate_limit_rules (id) ON DELETE CASCADE;

-- PostgreSQL 15 updates a BRIN index with every row, later versions leave it to VACUUM.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 160000 THEN
        CREATE INDEX agi_rate_limit_buckets_updated_brin
            ON agi_rate_limit_buckets USING brin (updated_at);
        CREATE INDEX agi_rate_limit_buckets_logged_updated_brin
            ON agi_rate_limit_buckets_logged USING brin (updated_at);
    END IF;
END;
$$;
