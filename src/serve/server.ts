/**
 * Serves the page to this machine alone. The headers isolate the page, which is what lets its memory be shared with
 * worker threads; the policy lets it load nothing from elsewhere. Two kinds of files go out, the page's and the data
 * sets', and both come from lists: a path in an address is a key, never a path on the disk.
 */
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { systemCode } from '../node/systemErrors.js';
import { RunError } from '../run/errors.js';
import { findDataSets, type ServedDataSets } from './dataFiles.js';
import { PageFiles } from './pageFiles.js';

/** Nobody else can reach it. */
const LOOPBACK = '127.0.0.1';

/** Names under which a browser on this machine asks; another one is a page elsewhere that pretends to be here. */
const hosts = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Charts bring style elements along; kernels are compiled from bytes; the workers that run them start from text.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;

const ASK_AGAIN = 'no-cache';
const KEEP = 'public, max-age=31536000, immutable';

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

const plain = (status: number, body: string, more: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', ...more },
  body,
});

/** Answers requests for the page, data sets and their index, and nothing else. */
class Site {
  readonly #page: PageFiles;
  readonly #dataDir: string | undefined;
  #data: ServedDataSets;

  constructor(page: PageFiles, data: ServedDataSets, dataDir: string | undefined) {
    this.#page = page;
    this.#data = data;
    this.#dataDir = dataDir;
  }

  async answer(request: IncomingMessage): Promise<Reply> {
    if (!hosts.test(request.headers.host ?? '')) return plain(403, 'not for this host');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(405, 'only GET and HEAD', { Allow: 'GET, HEAD' });
    }
    // As it was sent, without decoding or tidying: what is spelt differently is not on a list.
    const path = (request.url ?? '').split('?')[0];
    if (path === '/data/index.json') return this.#dataIndex();
    const zips = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    const known = request.headers['if-none-match'];
    const dataFile = this.#data.files.get(path);
    if (dataFile !== undefined) return sendData(dataFile, zips, known);
    return (await this.#sendPage(path, zips, known)) ?? plain(404, 'not found');
  }

  /** Looked up again for every visitor: a data set may have been fetched since. */
  async #dataIndex(): Promise<Reply> {
    this.#data = await findDataSets({ dataDir: this.#dataDir });
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': ASK_AGAIN },
      body: JSON.stringify(this.#data.index),
    };
  }

  async #sendPage(path: string, zips: boolean, known: string | undefined): Promise<Reply | undefined> {
    const file = await this.#page.find(path);
    if (!file) return undefined;
    const { tag, type, bytes, immutable } = file;
    const about = { 'Cache-Control': immutable ? KEEP : ASK_AGAIN, ETag: tag, Vary: 'Accept-Encoding' };
    if (known === tag) return { status: 304, headers: about, body: '' };
    if (!zips) return { status: 200, headers: { ...about, 'Content-Type': type }, body: bytes };
    return {
      status: 200,
      headers: { ...about, 'Content-Type': type, 'Content-Encoding': 'gzip' },
      body: await file.gzipped(),
    };
  }
}

async function sendData(path: string, zips: boolean, known: string | undefined): Promise<Reply> {
  const { size, mtimeMs } = await stat(path);
  const tag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  const about = { 'Cache-Control': ASK_AGAIN, ETag: tag, Vary: 'Accept-Encoding' };
  if (known === tag) return { status: 304, headers: about, body: '' };
  // As it is on the disk; without Content-Encoding the page unzips it itself.
  const encoding: Record<string, string> = path.endsWith('.gz') && zips ? { 'Content-Encoding': 'gzip' } : {};
  return {
    status: 200,
    headers: { ...about, 'Content-Type': 'application/octet-stream', ...encoding },
    body: await readFile(path),
  };
}

async function respond(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = await site.answer(request).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return plain(404, 'not found');
    console.error(`warning: ${request.url}: ${error instanceof Error ? error.message : error}`);
    return plain(500, 'the file could not be read; see the terminal where selftarget serve runs');
  });
  const { status, body } = reply;
  const length = status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...reply.headers, ...headers, ...length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

export interface Serving {
  readonly address: string;
  /** Names of the data sets that the page can choose. */
  readonly dataSets: readonly string[];
  /** Ends it, with the connections that are open. */
  close(): Promise<void>;
}

/**
 * Starts serving.
 *
 * @param options.page folder of the built page
 * @param options.port 0 for any that is free
 * @throws RunError where there is no page, or the port is not available
 */
export async function startServing(options: {
  page: string;
  port: number;
  dataDir?: string | undefined;
}): Promise<Serving> {
  const page = new PageFiles(options.page);
  if (!(await page.refresh())) {
    throw new RunError(
      `the page is not built: there is no ${options.page}/index.html; npm run build makes it`,
    );
  }
  const data = await findDataSets({ dataDir: options.dataDir });
  const site = new Site(page, data, options.dataDir);
  const server = createServer((request, response) => void respond(site, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explained(error, options.port)));
    server.listen(options.port, LOOPBACK, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    address: `http://${LOOPBACK}:${port}/`,
    dataSets: data.index.dataSets.map(({ name }) => name),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function explained(error: Error, port: number): Error {
  const code = systemCode(error);
  const why =
    code === 'EADDRINUSE'
      ? `port ${port} is in use; choose another with --port, or --port 0 for any that is free`
      : code === 'EACCES'
        ? `you may not listen on port ${port}; choose one above 1023 with --port`
        : `cannot listen on port ${port}: ${error.message}`;
  return new RunError(why, { cause: error });
}
