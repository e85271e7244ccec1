insert into t values (1,'a','(1,1)'),(2,'b','(2,2)');
insert into line values (1, 2, 3);
