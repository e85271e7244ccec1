insert into p select g, 'x' from generate_series(1,50) g;
