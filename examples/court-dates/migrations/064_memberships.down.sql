drop table memberships;
drop type staff_role;
