import { defineConfig } from 'seaworthy'

export default defineConfig({
  migrations: [
    {
      dir: 'migrations',
      format: 'golang-migrate',
      // 122 is the newest one that is live.
      baseline: '122',
      // The runner keeps a ledger of its own; the file is what COPY … TO STDOUT WITH (FORMAT csv, HEADER) gave.
      ledgerTable: 'public.applied_migrations',
      ledger: 'ledger.csv',
    },
  ],
  roles: {
    mode: 'split',
    deploy: 'court_deploy',
    owner: 'court_owner',
    memberOf: ['court_migrator'],
    // What the runner made since 104. Everything else belongs to court_owner.
    owns: [
      'public.message_templates',
      'public.notification_outbox',
      'public.reminders',
      'public.case_watchers',
      'public.reminder_opt_outs',
      'report.reminder_delivery',
    ],
  },
})
