-- The next three years of the audit log, made while entries_other holds nothing of theirs.
create table audit.entries_2023 partition of audit.entries
  for values from ('2023-01-01 00:00+00') to ('2024-01-01 00:00+00');
create table audit.entries_2024 partition of audit.entries
  for values from ('2024-01-01 00:00+00') to ('2025-01-01 00:00+00');
create table audit.entries_2025 partition of audit.entries
  for values from ('2025-01-01 00:00+00') to ('2026-01-01 00:00+00');
