create sequence up; create sequence down increment -1; create sequence unused; create sequence narrow as smallint; create sequence renamed_type as bigint maxvalue 9000000000;
