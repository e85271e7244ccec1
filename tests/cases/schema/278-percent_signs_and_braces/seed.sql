insert into "t%s" values (3,'abc');
