insert into t(x,y) values((1,'x'),array[(2,'y')::c]);
