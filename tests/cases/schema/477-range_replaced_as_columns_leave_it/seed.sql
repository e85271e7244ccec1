insert into t values (1, '[1,2)', '{"[1,2)"}', '{[1,2)}');
insert into u default values;
