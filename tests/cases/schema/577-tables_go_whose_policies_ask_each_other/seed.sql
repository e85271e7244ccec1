insert into u values (1,'a'); insert into d values (1,1);
