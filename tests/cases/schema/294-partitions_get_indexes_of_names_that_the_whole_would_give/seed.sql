insert into pay values (1, 1, '2001-02-05'), (2, 2, '2001-02-06');
insert into goods values (1, 'one');
