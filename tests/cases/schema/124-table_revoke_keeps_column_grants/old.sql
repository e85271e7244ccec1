create table t (id int primary key, a text, b text);
grant select, update on t to hr1; grant select (a) on t to hr1; grant select (b) on t to hr1; grant update (b) on t to hr2; grant update on t to hr2;
