create table logins (id text not null, place text, since int, constraint known check (since > 0));
