insert into edits values (1, 1), (2, 1);
insert into stays values (2, 'a');
