insert into stays values (1); insert into orgs values (1, 2);
