/** A tar archive (POSIX ustar), written from the format's description and independently of the reader. */
export function writeTar(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [path, content] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(' '.repeat(8), 148);
    header.write(path.endsWith('/') ? '5' : '0', 156);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((a, b) => a + b, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const padding = new Uint8Array((512 - (content.length % 512)) % 512);
    blocks.push(header, content, padding);
  }
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(1024)]));
}
