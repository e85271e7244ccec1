create table w (id int not null, foo text, bar text default 'b', constraint positive check (id > 0)) partition by list (foo);
create table p1 partition of w for values in ('1') with (fillfactor = 70);
create table p2 partition of w for values in ('2');
create table p3 partition of w default;
create index p1_i on p1 (id);
alter table p1 alter bar set default 'own';
