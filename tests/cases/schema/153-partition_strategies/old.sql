create table h(id int, v text) partition by hash(id);
create table h0 partition of h for values with (modulus 2, remainder 0);
create table h1 partition of h for values with (modulus 2, remainder 1);
create table l(id int, v text) partition by list(v);
create table la partition of l for values in ('a', 'b');
create table ln partition of l for values in (null);
