insert into stays values (1);
