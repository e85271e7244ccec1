alter table r disable trigger route;
insert into r (dev, at, v) values (1, '2023-05-05', 1.5);
insert into r_1 (dev, at, v) values (2, '2023-06-05', 2.5);
insert into r_2 (dev, at, v) values (3, '2024-05-05', 3.5);
alter table r enable trigger route;
insert into s_1 values (1);
