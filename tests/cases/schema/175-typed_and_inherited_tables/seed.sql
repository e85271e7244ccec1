insert into plain values (1, 'a'); insert into typed values (1, 'b'); insert into ch values (1, 2, 3); insert into twice values (1, 2, 'z'); insert into alone values (1, 2, 3);
