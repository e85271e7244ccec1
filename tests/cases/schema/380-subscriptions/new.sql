create table t (id int primary key, a text);
create subscription stays connection 'host=one.invalid dbname=a user=u' publication p, q with (connect = false, streaming = off, slot_name = stays_slot);
create subscription "Mixed sub" connection 'postgresql://u@two.invalid/b?application_name=y' publication "P 1", other with (connect = false, slot_name = taken, streaming = off, synchronous_commit = 'local');
create subscription moves connection 'host=three.invalid dbname=c port=5433' publication q with (connect = false, streaming = off, slot_name = none);
create subscription other_way connection 'dbname=d' publication p with (connect = false, streaming = off, slot_name = other_way, two_phase);
create subscription keyed connection 'host=five.invalid password=hidden2' publication p, q with (connect = false, streaming = off, slot_name = none);
create subscription come connection 'host=six.invalid' publication p with (connect = false, streaming = off);
comment on subscription stays is 'new'; comment on subscription come is 'come'; comment on subscription keyed is null;
