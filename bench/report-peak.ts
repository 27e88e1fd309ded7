// Loaded into a command before it starts: when it ends, its own peak memory goes to the file that PEAK_FILE names.
import { writeFileSync } from 'node:fs'

const file = process.env['PEAK_FILE']
process.on('exit', () => {
  // In kilobytes on every system that Node.js runs on.
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS))
})
