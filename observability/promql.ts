/** Which series an expression asks for, as far as a check of names needs it. */

const KEYWORDS = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'and',
  'or',
  'unless',
  'bool',
  'offset',
  'inf',
  'nan',
  'start',
  'end',
]);

/**
 * Names of the series in an expression: every word that is no keyword, no function, no label, no duration and no
 * part of a string. Promtool has judged the syntax.
 */
export function seriesIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)]
    .filter(({ index }) => index === 0 || !/[\d.]/.test(bare[index - 1] ?? ''))
    .map(([name]) => name)
    .filter((name) => !KEYWORDS.has(name));
}
