create table t(a int primary key, g int generated always as (a*2) stored);
create publication p for table t with (publish_generated_columns=stored);
