insert into h values (1, 'q'); insert into i values (1, 'q'); insert into q values (1, 'q'); insert into r values (1, 'q');
