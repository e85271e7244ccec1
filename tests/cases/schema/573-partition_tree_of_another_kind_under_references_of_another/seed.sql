insert into a values ('de',1,1),('de',2,2),('us',3,3),('us',4,4); insert into b values ('de',1),('us',4);
