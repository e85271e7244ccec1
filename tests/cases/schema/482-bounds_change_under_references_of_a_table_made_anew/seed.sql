insert into c values (1, 'eu'), (2, 'us');
insert into o values (1, 'eu', 1), (2, 'us', 2), (3, 'eu', 1);
