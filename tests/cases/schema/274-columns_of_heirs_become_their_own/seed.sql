insert into base values (1,1); insert into k1 values (1,2,3); insert into k2 values (4,5,6); insert into k3 values (7,8);
