create table t (id serial primary key, v int);
create view kv as select currval('t_id_seq'::regclass) c, last_value from t_id_seq;
create table kt (id int default nextval('t_id_seq'), n text);
create function kf() returns bigint language sql return nextval('t_id_seq'::regclass);
grant usage on t_id_seq to hr1;
comment on sequence t_id_seq is 'seq';
