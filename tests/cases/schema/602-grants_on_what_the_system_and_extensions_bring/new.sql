CREATE TABLE t (id int PRIMARY KEY);
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) TO pg_monitor, pg_read_all_stats;
REVOKE EXECUTE ON FUNCTION pg_catalog.plpgsql_call_handler() FROM PUBLIC;
REVOKE SELECT ON pg_catalog.pg_user FROM PUBLIC;
GRANT SELECT ON pg_catalog.pg_user, pg_catalog.pg_statistic TO pg_monitor;
REVOKE USAGE ON TYPE pg_catalog.money FROM PUBLIC;
