drop table audit.entries_2025;
drop table audit.entries_2024;
drop table audit.entries_2023;
