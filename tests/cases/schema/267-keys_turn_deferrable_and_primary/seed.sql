insert into r values (1,'[2020-01-01,2020-02-01)',1),(2,'[2020-03-01,2020-04-01)',1);
insert into pa values (1,1),(2,2); insert into ch values (1,5);
