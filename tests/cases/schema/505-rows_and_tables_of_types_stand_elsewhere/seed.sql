insert into app.t values (1,2,'x');
insert into app.hold values (row(1,2,'x'));
insert into staff values ('a',1);
insert into kept_guests values ('b', 20);
insert into kept_heir values (1,2,'e');
insert into heir2 values (5,6,7);
