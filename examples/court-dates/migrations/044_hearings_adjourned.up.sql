-- A hearing that was opened and put off is neither held nor cancelled.
alter type hearing_status add value 'adjourned' after 'held';
