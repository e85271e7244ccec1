insert into k values (1,'q',2,3); insert into a values (1,'x'); insert into b values (5,6);
insert into k2 values (9,'j');
