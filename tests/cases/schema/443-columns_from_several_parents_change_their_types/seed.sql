insert into a values (1,'sad','[1,2)',(1,'x'), 1.2); insert into b values (2,'happy',null,(2,'y')); insert into c values (3,'happy'); insert into d values (4,'sad'); 
;
insert into top values (1); insert into bottom values (3, 1); insert into mixed values (4);
