drop type hearing_status;
drop type party_kind;
drop type case_status;
drop domain language_code;
drop domain docket_number;
