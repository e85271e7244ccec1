select nextval('up') from generate_series(1, 20); select nextval('down') from generate_series(1, 5);
