insert into e values (2021, 1), (2021, 9);
