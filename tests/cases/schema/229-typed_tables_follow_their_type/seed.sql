insert into tt values (1,'b');
