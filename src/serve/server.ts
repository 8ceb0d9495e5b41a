/**
 * Serves the page to this machine alone. The headers isolate the page, which is what lets its memory be shared with
 * worker threads; the policy lets it load nothing from elsewhere.
 */
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Context, Hono } from 'hono';
import { getRequestListener } from '@hono/node-server';
import { RunError } from '../run/errors.js';
import { systemCode } from '../node/systemErrors.js';
import { dataFiles, pageFiles, type ServedDataSets, type ServedFile, type ServedFiles } from './files.js';

/** Nobody else can reach it. */
const LOOPBACK = '127.0.0.1';

/** Names under which a browser on this machine asks; another one is a page elsewhere that pretends to be here. */
const hosts = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Charts bring style elements along; kernels are compiled from bytes.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;

const caching: Readonly<Record<ServedFile['kind'], string>> = {
  page: 'no-cache',
  asset: 'public, max-age=31536000, immutable',
  data: 'no-cache',
};

/** Answers requests for `page`, data sets and their index, and nothing else. */
export function buildServer(page: ServedFiles, data: ServedDataSets): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  });
  app.use(async (context, next) => {
    if (!hosts.test(context.req.header('host') ?? '')) return context.text('not for this host', 403);
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
      return context.text('only GET and HEAD', 405, { Allow: 'GET, HEAD' });
    }
    return next();
  });
  app.get('/data/index.json', (context) => context.json(data.index, 200, { 'Cache-Control': caching.page }));
  app.get('*', async (context) => {
    // The address as it came: what is spelt in another way is not what was put on the list.
    const { pathname } = new URL(context.req.url);
    const file = page.get(pathname) ?? data.files.get(pathname);
    return file ? send(context, file) : context.text('not found', 404);
  });
  return app;
}

const compress = promisify(gzip);
/** What compresses well is small, so it is compressed once and kept. */
const compressed = new WeakMap<ServedFile, Promise<Uint8Array<ArrayBuffer>>>();

async function send(context: Context, file: ServedFile): Promise<Response> {
  const { size, mtimeMs } = await stat(file.path);
  const tag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  const about = { 'Cache-Control': caching[file.kind], ETag: tag, Vary: 'Accept-Encoding' };
  if (context.req.header('if-none-match') === tag) return context.body(null, 304, about);
  const accepts = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
  const type = { ...about, 'Content-Type': file.type };
  if (file.kind === 'data' || !accepts) {
    const bytes = new Uint8Array(await readFile(file.path));
    // Without Content-Encoding the page unzips it itself.
    return context.body(bytes, 200, file.gzipped && accepts ? { ...type, 'Content-Encoding': 'gzip' } : type);
  }
  let ready = compressed.get(file);
  if (!ready) {
    ready = readFile(file.path).then(async (bytes) => new Uint8Array(await compress(bytes, { level: 9 })));
    compressed.set(file, ready);
  }
  return context.body(await ready, 200, { ...type, 'Content-Encoding': 'gzip' });
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
 * @throws RunError where there is no page, or the port cannot be had
 */
export async function startServing(options: {
  page: string;
  port: number;
  dataDir?: string | undefined;
}): Promise<Serving> {
  const page = await pageFiles(options.page);
  if (!page) {
    throw new RunError(
      `the page is not built: there is no ${options.page}/index.html; npm run build makes it`,
    );
  }
  const data = await dataFiles({ dataDir: options.dataDir });
  const server = createServer(getRequestListener(buildServer(page, data).fetch));
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
      ? `port ${port} is in use; take another with --port, or --port 0 for any that is free`
      : code === 'EACCES'
        ? `port ${port} may not be used by you; take one from 1024 on with --port`
        : `cannot listen on port ${port}: ${error.message}`;
  return new RunError(why, { cause: error });
}
