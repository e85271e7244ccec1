insert into person values (1, row('s','z'), array[row('a','b')::addr]);
