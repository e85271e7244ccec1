insert into p values (1,'a',row('s',1234),array[row('x',1)::addr]);
insert into q values (1,row(1,'a',row('s',1234),array[row('x',1)::addr]),array[row(1,'a',row('s',1234),array[row('x',1)::addr])::person]);
insert into t(id,a) values (1,'a');
