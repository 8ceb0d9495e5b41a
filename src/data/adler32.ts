/** The checksum of zlib streams (RFC 1950, section 8.2). */
export function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  // As many as can be summed before the sums might not fit in 32 bits.
  for (let from = 0; from < bytes.length; from += 3800) {
    const end = Math.min(bytes.length, from + 3800);
    for (let i = from; i < end; i++) {
      a += bytes[i];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}
