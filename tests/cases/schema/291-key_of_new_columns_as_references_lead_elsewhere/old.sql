create table name (id int constraint name_pkey primary key, label text);
create table cred (id int constraint secret_pkey primary key, name_id int references name, kind text);
create table cert (id int constraint cert_fkey references cred on delete cascade, body text);
create table rsa (id int constraint rsa_fkey references cred on delete cascade, body text);
create table ssh (id int constraint ssh_fkey references cred (id) on delete cascade, body text);
create table tag (kind text, id int);
create table note (id int, kind text);
