insert into base values (1,'a',1);
insert into kid values (2,'b',2,2);
insert into grand values (3,'b',2,2);
insert into other values (4,'b',2);
insert into ref values (2);
