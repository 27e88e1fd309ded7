-- What kind of hearing it is decides how long it usually takes and who is summoned.
create table hearing_types (
  code text primary key,
  label text not null,
  usual_minutes integer not null,
  is_public boolean not null default true,
  constraint hearing_types_usual_minutes_sane check (usual_minutes between 5 and 720)
);

insert into hearing_types (code, label, usual_minutes, is_public) values
  ('directions', 'Directions hearing', 30, true),
  ('mediation', 'Mediation', 180, false),
  ('trial', 'Trial', 360, true),
  ('judgment', 'Pronouncement of judgment', 15, true),
  ('costs', 'Assessment of costs', 45, true);

alter table hearings
  add column type_code text not null default 'directions'
    constraint hearings_type_fkey references hearing_types (code);
