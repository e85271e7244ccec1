insert into acc values (1,'7','true');
