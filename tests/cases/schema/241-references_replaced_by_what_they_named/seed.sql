insert into colours values (1, 'red');
insert into paints values (1, null, 2, 3);
