insert into p(id, v) values (1, 'a'), (11, 'b'); insert into c values (1), (11);
