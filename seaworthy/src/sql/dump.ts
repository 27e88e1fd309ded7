/**
 * A dump without the two psql commands that pg_dump has put around it since August 2025 (CVE-2025-8714): `\restrict KEY`
 * and `\unrestrict KEY`, each on a line of its own. They are blanked, so that every place stays where it is. Meant for
 * what is live already: whatever ran it there dealt with them, and a server alone cannot.
 */
export const withoutRestrict = (text: string): string =>
  text.includes('restrict')
    ? text.replaceAll(/^\\(?:un)?restrict [A-Za-z0-9]+[ \t]*$/gm, (line) => ' '.repeat(line.length))
    : text
