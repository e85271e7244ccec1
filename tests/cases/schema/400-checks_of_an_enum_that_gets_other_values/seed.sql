insert into t values (1, 'new'), (2, 'done');
insert into u values ('new');
