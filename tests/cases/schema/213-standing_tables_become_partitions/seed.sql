set search_path = s1;
insert into x values(1);
insert into y values('u',15);
set search_path = s2;
insert into p values(1);
