insert into t (c) values ('a');insert into oct values (row('a',1), array[row('a',2)::oc]);insert into tyt values (1,'a');
