set role hr1; grant select on t to hr2; grant insert on t to hr4; grant select on t to hr5; reset role
