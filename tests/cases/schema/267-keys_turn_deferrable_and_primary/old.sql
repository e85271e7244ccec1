create table r (id int, during tsrange, kind int, constraint r_ex exclude using gist (during with &&) where (kind > 0));
create table pa (id int constraint pa_u unique deferrable initially deferred, k int unique);
create table ch (p int constraint ch_p references pa(k) deferrable, q int, constraint ck check (q>0));
