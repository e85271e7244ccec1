insert into plain values (1, 2, 'a', 3);
insert into typed values (1, 1);
insert into keyed values (1, 'a', 2), (2, 'b', 2);
insert into partly values (1, 1), (2, 2);
insert into gone values (1);
insert into left_over values (1, 1);
insert into itself values (1, 2, null), (2, 3, 2);
