create table t(r int4range, k int, v text, constraint e exclude using gist (r with &&)); create index ti on t(k) where v is not null; create unique index tu on t(lower(v)) where k > 0;
