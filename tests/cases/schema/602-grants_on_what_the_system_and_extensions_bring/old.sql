CREATE TABLE t (id int PRIMARY KEY);
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO pg_read_all_settings;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) TO pg_monitor WITH GRANT OPTION;
