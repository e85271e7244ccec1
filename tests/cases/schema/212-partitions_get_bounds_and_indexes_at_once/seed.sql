set search_path = s1;
insert into p(a) values(1),(2),(2);
set search_path = s2;
insert into p values('b','2020-01-01'),('L','2020-01-01'),('z','2020-01-01');
