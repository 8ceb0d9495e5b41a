/** What was dropped, with the files inside dropped folders. */
import type { OwnFile } from '../protocol.js';

/** More files than this are a disk rather than a data set. */
export const mostFiles = 200_000;

export interface Dropped {
  readonly files: readonly OwnFile[];
  /** Whether there are more files than the page takes. */
  readonly tooMany: boolean;
}

export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  // All entries at once: the list is empty after the first wait.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter(
    (entry) => entry !== null,
  );
  const files: OwnFile[] = [];
  for (const entry of entries) await collect(entry, files);
  return limited(files);
}

async function collect(entry: FileSystemEntry, files: OwnFile[]): Promise<void> {
  if (files.length > mostFiles) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    files.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A folder tells its content in parts, until one is empty.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return;
    for (const inside of some) await collect(inside, files);
  }
}

/** What was picked by a file dialogue. */
export function pickedFiles(list: FileList): Dropped {
  return limited(Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file })));
}

function limited(files: readonly OwnFile[]): Dropped {
  return { files, tooMany: files.length > mostFiles };
}
