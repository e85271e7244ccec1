create domain word as text constraint spelt check (value <> 'bad');
create domain positive as int check (value > 0);
create table t (id int primary key, n int, w word, ws word[], during int4range,
                k int not null default 0, one text default 'x' unique, big positive default -1,
                twice int generated always as (n * 2) stored not null,
                constraint above check (k > n), exclude using gist (during with &&));
create table p (a int, b int, primary key (a, b));
create table r (a int, b int, c int default 7 references t, foreign key (a, b) references p match full);
