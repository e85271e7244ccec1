create table t (id int primary key, a text);
create subscription stays connection 'host=one.invalid dbname=a user=u' publication p, q with (connect = false, streaming = off, slot_name = stays_slot);
create subscription "Mixed sub" connection 'postgresql://u@two.invalid/b?application_name=x' publication "P 1" with (connect = false, slot_name = none, streaming = on, binary, disable_on_error);
create subscription moves connection 'host=three.invalid dbname=c' publication p with (connect = false, streaming = off, slot_name = moves, synchronous_commit = 'remote_apply');
create subscription other_way connection 'dbname=d' publication p with (connect = false, streaming = off, slot_name = other_way);
create subscription keyed connection 'host=five.invalid password=hidden2' publication p with (connect = false, streaming = off, slot_name = none);
comment on subscription stays is 'old';
