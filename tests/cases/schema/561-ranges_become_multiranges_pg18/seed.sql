insert into room values ('[1,2)','[2020-01-01,2021-01-01)','a');
