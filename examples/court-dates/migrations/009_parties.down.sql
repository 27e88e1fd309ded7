drop table case_parties;
drop table parties;
