insert into acc values (1, 2, 'q'); insert into k values (row(1, 2, 'q'), row(1, 'b'), '{1,2}', 3);
