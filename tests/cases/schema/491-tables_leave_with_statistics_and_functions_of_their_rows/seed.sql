insert into t (e) values ('a');
