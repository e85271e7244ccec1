set search_path = s1;
insert into t values('[1,2]','[a,b]', array['[1,2]'::r1]);
