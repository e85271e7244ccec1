insert into owners values (1);
insert into cats values (1, 'glad', 1), (2, 'calm', null);
insert into dogs values (1, 'ö', 1);
insert into cows values (1, 120.5, 1);
