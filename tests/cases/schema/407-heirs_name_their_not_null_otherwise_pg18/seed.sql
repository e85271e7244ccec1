insert into base values (1,'a',1);
insert into kid values (2,'b',2,2);
insert into kid2 values (3,'c',3);
insert into grandkid values (4,'d',4,4,4);
insert into b5 values (1,'a'),(2,'b'); insert into k2 values (1,'a',1);
