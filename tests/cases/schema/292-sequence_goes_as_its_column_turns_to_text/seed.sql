insert into jwk (body) select 'b' from generate_series(1, 5);
insert into event (body) select 'b' from generate_series(1, 5);
insert into mixed (body) values ('b');
