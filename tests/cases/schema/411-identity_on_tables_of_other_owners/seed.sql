insert into s.t(e) values ('a');
