create table there (id bigint generated always as identity, k int default 3) partition by list (k);
