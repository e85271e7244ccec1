insert into t values (1,'x','{x,y}','{y}'); insert into u values (row('x','{y}')::comp, array[row('x','{y}')::comp]);
