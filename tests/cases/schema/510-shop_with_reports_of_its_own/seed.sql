insert into shop.customer (email, phone, vip) values ('a@x','+1',true),('b@x',null,false);
insert into shop.orders (customer_id, st, total) values (1,'new',5),(2,'paid',7.5);
insert into shop.old_notes (order_id, txt) values (1,'t');
refresh materialized view rep.daily;
