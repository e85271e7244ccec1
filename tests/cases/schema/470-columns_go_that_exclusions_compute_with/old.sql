create table t (id int primary key, k int, low int, high int, r int4range, s text,
  constraint e exclude using gist (r with &&) where (k > 1),
  constraint f exclude using gist (int4range(low, high) with &&) deferrable);
