create domain word as text;
create domain positive as int check (value > 0);
create table t (id int primary key, n int, w word, ws word[], during int4range);
create table p (a int, b int, primary key (a, b));
create table r (a int, b int);
