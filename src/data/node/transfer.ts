/** One HTTP transfer into a part file, going on where an earlier one was cut. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { writeAll } from '../../node/files.js';
import { systemCode } from '../../node/systemErrors.js';
import { DataError } from '../dataSet.js';
import { type Requests, requestsFrom } from './proxy.js';

/** How far a transfer is. */
export interface Received {
  /** Bytes of the file that are here, those of earlier transfers included. */
  readonly received: number;
  /** Bytes that the file will have; undefined when the server does not say. */
  readonly total: number | undefined;
}

/** A fault of this machine's disk, which no other mirror could cure. */
export class DiskError extends DataError {
  override name = 'DiskError';
  /** The system's code, such as ENOSPC. */
  readonly code: string;

  constructor(doing: string, path: string, cause: unknown) {
    const code = systemCode(cause) ?? '';
    const why =
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'no space is left there; free some, or have the data elsewhere and name it with --data-dir'
        : `${cause instanceof Error ? cause.message : String(cause)}; check that the folder can be written`;
    super(`cannot ${doing} ${path}: ${why}`, { cause });
    this.code = code;
  }
}

/** Runs a file operation; its failure becomes a {@link DiskError}. */
export async function onDisk<T>(doing: string, path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw new DiskError(doing, path, error);
  }
}

interface TransferOptions {
  /** False has `part` overwritten. */
  readonly resume: boolean;
  /** More bytes than this cannot be the wanted file and end the transfer. */
  readonly limit: number;
  /** The transfer fails after so many milliseconds without a byte. */
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onReceived?: (progress: Received) => void;
}

/**
 * Fetches `url` into the file `part` and syncs it. What `part` holds already is not fetched again if the server
 * allows that; otherwise the file is fetched from its start. After a failure `part` holds what arrived.
 *
 * @returns whether bytes of an earlier transfer were kept
 * @throws DiskError when `part` cannot be written; the signal's reason when aborted; an Error that says what the
 *   server, or the proxy, did otherwise
 */
export async function transfer(
  url: string,
  part: string,
  options: TransferOptions,
): Promise<{ resumed: boolean }> {
  const requests = await requestsFrom();
  const watch = watchStall(options.stallMs, options.signal);
  try {
    return await attempt(requests, watch, url, part, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof DataError) throw error;
    const why = watch.stalled() ? `nothing arrived for ${options.stallMs / 1000} seconds` : whatFailed(error);
    throw new Error(requests.about ? `${why} (with ${requests.about})` : why, { cause: error });
  } finally {
    watch.end();
    await requests.end();
  }
}

async function attempt(
  requests: Requests,
  watch: StallWatch,
  url: string,
  part: string,
  options: TransferOptions,
): Promise<{ resumed: boolean }> {
  const have = options.resume ? await sizeOf(part) : 0;
  const response = await requests.fetch(url, {
    // The bytes as they are stored: a range of a file that is compressed on the way means nothing.
    headers: { 'Accept-Encoding': 'identity', ...(have > 0 ? { Range: `bytes=${have}-` } : {}) },
    signal: watch.signal,
  });
  // The whole file, or more, is here already; the checksum will tell.
  if (have > 0 && response.status === 416) {
    await response.body?.cancel();
    return { resumed: true };
  }
  if (response.status === 206 && !continues(response, have)) {
    await response.body?.cancel();
    if (have === 0) throw new Error('the server sent a part that was not asked for');
    return attempt(requests, watch, url, part, { ...options, resume: false });
  }
  if ((response.status !== 200 && response.status !== 206) || !response.body) {
    await response.body?.cancel();
    throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  }
  // A server that ignores Range answers 200 with the whole file.
  const start = response.status === 206 ? have : 0;
  await receive(response, response.body, part, start, watch.progress, options);
  return { resumed: start > 0 };
}

/**
 * What went wrong with a request. fetch hides it behind "fetch failed", and a proxy's refusal behind another cause; a
 * refused connection has a code and no message.
 */
function whatFailed(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  let reason: Error = error;
  if (error instanceof TypeError) while (reason.cause instanceof Error) reason = reason.cause;
  return reason.message || systemCode(reason) || error.message;
}

async function receive(
  response: Response,
  body: ReadableStream<Uint8Array>,
  part: string,
  start: number,
  alive: () => void,
  options: { limit: number; onReceived?: (progress: Received) => void },
): Promise<void> {
  const length = Number(response.headers.get('content-length'));
  const total = length > 0 && !isEncoded(response) ? start + length : undefined;
  // Writing goes by position, not by appending, and what is there is only cut at the end: should two processes
  // download at once, they write the same bytes to the same places, and neither takes them from the other.
  const file = await onDisk('write', part, () => open(part, constants.O_RDWR | constants.O_CREAT));
  const reader = body.getReader();
  let received = start;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      alive();
      const at = received;
      await onDisk('write', part, () => writeAll(file, [value], at));
      received += value.length;
      if (received > options.limit)
        throw new Error(`it is not the wanted file: more than ${options.limit} bytes`);
      options.onReceived?.({ received, total });
    }
    if (total !== undefined && received !== total) {
      throw new Error(`the connection was cut after ${received} of ${total} bytes`);
    }
    await onDisk('write', part, async () => {
      await file.truncate(received);
      await file.sync();
    });
  } finally {
    await reader.cancel().catch(() => {});
    await file.close();
  }
}

async function sizeOf(part: string): Promise<number> {
  try {
    return (await stat(part)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw new DiskError('read', part, error);
  }
}

function continues(response: Response, have: number): boolean {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return have > 0 && Number(start) === have && !isEncoded(response);
}

function isEncoded(response: Response): boolean {
  return (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
}

interface StallWatch {
  readonly signal: AbortSignal;
  progress(): void;
  stalled(): boolean;
  end(): void;
}

/** A signal that fires with the caller's, or when `progress` is not called for too long. */
function watchStall(stallMs: number, signal: AbortSignal | undefined): StallWatch {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), stallMs);
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    progress: () => timer.refresh(),
    stalled: () => controller.signal.aborted,
    end: () => clearTimeout(timer),
  };
}
