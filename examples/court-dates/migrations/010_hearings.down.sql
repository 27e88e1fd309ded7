drop table hearings;
