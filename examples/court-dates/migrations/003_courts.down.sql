drop table courts;
