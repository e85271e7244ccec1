insert into e values (1); insert into ef values (2); insert into c values (3, 4); insert into ij values (5); insert into d values (6);
