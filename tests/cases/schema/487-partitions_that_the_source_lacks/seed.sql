insert into ev values (1, '2023-03-03', 'a');
