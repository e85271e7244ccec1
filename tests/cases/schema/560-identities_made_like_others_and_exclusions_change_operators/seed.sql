insert into r (during, room) values ('[1,4)',1),('[6,8)',1),('[1,4)',200); insert into near_t values (1,100);
