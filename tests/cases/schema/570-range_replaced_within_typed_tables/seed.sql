insert into t (c) values ('[1,2)');insert into oct values (row('[1,2)',1), array[row('[1,2)',2)::oc]);insert into tyt values (1,'[1,2)');
