/** Pieces of Markdown. */

/** The note at the top of a generated page. */
export const generated = '<!-- Written by node scripts/renderReference.mjs; do not edit. -->';

/** @param {readonly (readonly string[])[]} rows the first one is the heading */
export function table([heading, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), `|${'---|'.repeat(heading.length)}`, ...rows.map(line)].join('\n');
}

export const code = (text) => `\`${text}\``;

/** Words in lines of at most 120 columns. */
export function paragraph(text) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines[lines.length - 1];
    if (line !== '' && line.length + 1 + word.length > 120) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
