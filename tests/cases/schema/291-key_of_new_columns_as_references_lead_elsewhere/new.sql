create table cred (id int constraint name_pkey primary key, label text, kind text unique);
create table cred_version (id int constraint secret_pkey primary key, cred int references cred, kind text);
create table cert (id int constraint cert_fkey references cred_version on delete cascade, body text);
create table rsa (id int constraint rsa_fkey references cred_version on delete cascade, body text);
create table tag (kind text constraint tag_key unique, id int);
create unique index tag_id on tag (id);
create table ssh (id int constraint ssh_fkey references tag (id) on delete cascade, body text);
create table note (id int, kind text references cred (kind));
