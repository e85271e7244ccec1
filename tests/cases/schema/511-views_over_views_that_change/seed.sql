insert into a values (1,2,'q');
insert into b values (1,1,3);
