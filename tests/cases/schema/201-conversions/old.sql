create conversion cv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create role hr1;
alter conversion cv owner to hr1;
