drop table notification_outbox;
drop function notification_outbox_wake();
