insert into h values (1, 'q'); insert into g values (1, 'q'); insert into z values (1, 'q');
