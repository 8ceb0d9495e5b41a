/** Stands in for `node:fs/promises` on a disk that may fill up; use with `vi.mock`. */
export interface Disk {
  /** Bytes that it still takes. */
  free: number;
}

type Promises = typeof import('node:fs/promises');

export async function onDisk(disk: Disk, original: () => Promise<Promises>): Promise<Promises> {
  const fs = await original();
  return {
    ...fs,
    async open(...args: Parameters<typeof fs.open>) {
      const file = await fs.open(...args);
      const write = file.write.bind(file) as (
        data: Uint8Array,
        at: number,
        length: number,
      ) => Promise<object>;
      file.write = (async (data: Uint8Array, at: number, length: number) => {
        if (disk.free <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        const written = await write(data, at, Math.min(length, disk.free));
        disk.free -= length;
        return written;
      }) as typeof file.write;
      return file;
    },
  };
}
