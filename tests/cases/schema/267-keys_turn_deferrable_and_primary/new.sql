create table r (id int, during tsrange, kind int, constraint r_ex exclude using gist (during with &&, int4range(kind,kind,'[]') with &&) deferrable initially deferred);
create table pa (id int constraint pa_u primary key deferrable, k int);
create unique index pa_k on pa (k);
create table ch (p int constraint ch_p references pa(k) on update set null deferrable initially deferred, q int, constraint ck check (q>=0));
