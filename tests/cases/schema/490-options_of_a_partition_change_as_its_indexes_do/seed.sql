insert into h values (1);
insert into m values (1, '2024-01-05', 'x', 1), (1, '2024-03-05', 'y', 2), (1, '2024-09-05', 'y', 3);
