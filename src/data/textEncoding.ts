/** What bytes are as text: UTF-8, or UTF-16 as Excel and PowerShell write it, with or without a byte order mark. */

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Detected from the first bytes of a text. */
export function encodingOf(head: Uint8Array): TextEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  // Without a mark: the names, numbers and commas of a table have a zero in every other byte.
  const zeros = [0, 0];
  const length = Math.min(head.length, 200) & ~1;
  for (let i = 0; i < length; i++) if (head[i] === 0) zeros[i & 1]++;
  const most = (length / 2) * 0.7;
  if (length >= 4 && zeros[1] > most && zeros[0] === 0) return 'utf-16le';
  return length >= 4 && zeros[0] > most && zeros[1] === 0 ? 'utf-16be' : 'utf-8';
}

/** The whole text, without its byte order mark. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes.subarray(0, 256))).decode(bytes);
}

/** How lines end: old Macs write a carriage return alone. */
export function newlineOf(start: string): '\n' | '\r' {
  return start.includes('\r') && !start.includes('\n') ? '\r' : '\n';
}
