/** The server as an attacker and as a browser see it: over a socket, with addresses that no client would tidy up. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Serving, startServing } from '../../src/serve/server.js';
import { temporaryFolder } from '../run/temporary.js';

const SECRET = 'not for anybody';
const images = Buffer.from('images of the training part, many many many images');

/** A page, data beside it, and a secret next to both. */
function layOut(folder: string) {
  const page = join(folder, 'page');
  const data = join(folder, 'data');
  mkdirSync(join(page, 'assets'), { recursive: true });
  mkdirSync(join(data, 'mnist'), { recursive: true });
  writeFileSync(join(folder, 'secret.html'), SECRET);
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(page, 'assets', 'main-1.js'), 'export const answer = 42;');
  writeFileSync(join(page, 'notes.txt'), SECRET);
  symlinkSync(join(folder, 'secret.html'), join(page, 'linked.html'));
  symlinkSync(folder, join(page, 'up'));
  writeFileSync(join(data, 'mnist', 'train-images-idx3-ubyte.gz'), gzipSync(images));
  for (const name of ['train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) {
    writeFileSync(join(data, 'mnist', name), name);
  }
  writeFileSync(join(data, 'mnist', 'private.html'), SECRET);
  return { page, data };
}

interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

/** One request, exactly as written. */
function request(port: number, lines: readonly string[]): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => {
      const all = Buffer.concat(parts);
      const end = all.indexOf('\r\n\r\n');
      const head = all.subarray(0, end).toString('latin1');
      resolve({ status: Number(head.split(' ')[1]), head, body: all.subarray(end + 4) });
    });
  });
}

describe('the server', () => {
  let serving: Serving;
  let port: number;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selftarget-serve-'));
    const { page, data } = layOut(folder);
    serving = await startServing({ page, port: 0, dataDir: data });
    port = Number(new URL(serving.address).port);
    return async () => {
      await serving.close();
      rmSync(folder, { recursive: true });
    };
  });

  const get = (path: string, ...more: string[]) =>
    request(port, [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close', ...more]);

  test('serves the page isolated, under a policy that lets it load nothing from elsewhere', async () => {
    for (const path of ['/', '/index.html', '/assets/main-1.js', '/data/index.json', '/nowhere']) {
      const { head } = await get(path);
      expect(head, path).toMatch(/cross-origin-opener-policy: same-origin/i);
      expect(head, path).toMatch(/cross-origin-embedder-policy: require-corp/i);
      expect(head, path).toMatch(/cross-origin-resource-policy: same-origin/i);
      expect(head, path).toMatch(/content-security-policy: default-src 'none'/i);
      expect(head, path).not.toMatch(/script-src[^;]*'unsafe-/i);
      expect(head, path).toMatch(/x-content-type-options: nosniff/i);
    }
    const { status, body, head } = await get('/');
    expect(status).toBe(200);
    expect(head).toMatch(/content-type: text\/html/i);
    expect(body.toString()).toContain('<title>page</title>');
  });

  test('lets assets be kept for ever and the page be asked for again', async () => {
    const asset = await get('/assets/main-1.js');
    expect(asset.head).toMatch(/cache-control: .*immutable/i);
    const page = await get('/');
    expect(page.head).toMatch(/cache-control: no-cache/i);
    const tag = /etag: (.+)\r/i.exec(page.head)?.[1];
    const again = await get('/', `If-None-Match: ${tag}`);
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect((await get('/', 'If-None-Match: "another"')).status).toBe(200);
  });

  test('serves a page that is rebuilt meanwhile, and the scripts of the page that is still open', async () => {
    const folder = temporaryFolder();
    const { page } = layOut(folder);
    const other = await startServing({ page, port: 0 });
    onTestFinished(() => other.close());
    const at = (path: string, ...more: string[]) =>
      request(Number(new URL(other.address).port), [
        `GET ${path} HTTP/1.1`,
        'Host: localhost',
        'Connection: close',
        ...more,
      ]);
    const zipped = 'Accept-Encoding: gzip';
    const first = await at('/', zipped);
    // As a build does it: everything away, then the new files, the page last.
    rmSync(page, { recursive: true });
    expect(gunzipSync((await at('/', zipped)).body)).toEqual(gunzipSync(first.body));
    mkdirSync(join(page, 'assets'), { recursive: true });
    writeFileSync(join(page, 'assets', 'main-2.js'), 'export const answer = 43;');
    writeFileSync(join(page, 'index.html'), '<!doctype html><title>rebuilt</title>');
    const second = await at('/', zipped);
    expect(gunzipSync(second.body).toString()).toContain('rebuilt');
    const tag = (reply: Reply) => /etag: (.+)\r/i.exec(reply.head)?.[1];
    expect(tag(second)).not.toBe(tag(first));
    expect((await at('/')).body.toString()).toContain('rebuilt');
    expect((await at('/assets/main-2.js')).body.toString()).toContain('43');
    expect((await at('/assets/main-1.js', zipped)).status).toBe(200);
    expect((await at('/assets/main-3.js')).status).toBe(404);
  });

  test('offers a data set that arrives while it serves, and answers "not found" for one that is gone', async () => {
    const { page, data } = layOut(temporaryFolder());
    const labels = join(data, 'mnist', 't10k-labels-idx1-ubyte');
    rmSync(labels);
    const other = await startServing({ page, port: 0, dataDir: data });
    onTestFinished(() => other.close());
    const at = (path: string) =>
      request(Number(new URL(other.address).port), [
        `GET ${path} HTTP/1.1`,
        'Host: localhost',
        'Connection: close',
      ]);
    expect(other.dataSets).not.toContain('mnist');
    writeFileSync(labels, 'labels');
    expect((await at('/data/index.json')).body.toString()).toContain('mnist');
    expect((await at('/data/mnist/t10k-labels-idx1-ubyte')).body.toString()).toBe('labels');
    rmSync(labels);
    expect((await at('/data/mnist/t10k-labels-idx1-ubyte')).status).toBe(404);
  });

  test('compresses for those who take it', async () => {
    const { head, body } = await get('/assets/main-1.js', 'Accept-Encoding: gzip');
    expect(head).toMatch(/content-encoding: gzip/i);
    expect(gunzipSync(body).toString()).toBe('export const answer = 42;');
    expect((await get('/assets/main-1.js')).head).not.toMatch(/content-encoding/i);
  });

  test('offers the data sets that are whole, zipped or not', async () => {
    const index = JSON.parse((await get('/data/index.json')).body.toString());
    expect(index.dataSets.map(({ name }: { name: string }) => name)).toContain('mnist');
    expect(serving.dataSets).toContain('mnist');
    const path = '/data/mnist/train-images-idx3-ubyte';
    const zipped = await get(path, 'Accept-Encoding: gzip');
    expect(zipped.head).toMatch(/content-encoding: gzip/i);
    expect(gunzipSync(zipped.body)).toEqual(images);
    const asItLies = await get(path);
    expect(asItLies.head).not.toMatch(/content-encoding/i);
    expect(gunzipSync(asItLies.body)).toEqual(images);
    expect((await get('/data/mnist/t10k-labels-idx1-ubyte')).body.toString()).toBe('t10k-labels-idx1-ubyte');
  });

  test.each([
    '/../secret.html',
    '/assets/../../secret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/..%2fsecret.html',
    '/%252e%252e%252fsecret.html',
    '/..\\secret.html',
    '/..%5csecret.html',
    '/assets/..%5c..%5csecret.html',
    '//secret.html',
    '///etc/passwd',
    '/etc/passwd',
    'file:///etc/passwd',
    '/data/../../secret.html',
    '/data/mnist/../../../secret.html',
    '/data/mnist/%2e%2e/%2e%2e/secret.html',
    '/data/mnist/private.html',
    '/data/mnist/train-images-idx3-ubyte.gz',
    '/data/mnist',
    '/data/',
    '/index.html%00.js',
    '/assets/main-1.js%00',
    '/linked.html',
    '/up/secret.html',
    '/notes.txt',
    '/assets/',
    '/INDEX.HTML',
    '/.git/config',
  ])('sends nothing for %s', async (path) => {
    const { status, body } = await get(path);
    expect([400, 404]).toContain(status);
    expect(body.toString()).not.toContain(SECRET);
    expect(body.toString()).not.toContain('root:');
  });

  test('takes a raw NUL for no address at all', async () => {
    const { status, body } = await get('/index.html\0/../../secret.html');
    expect(status).toBe(400);
    expect(body.toString()).not.toContain(SECRET);
  });

  test('answers only browsers that asked for this machine, and only questions', async () => {
    const as = (host: string, method = 'GET') =>
      request(port, [`${method} / HTTP/1.1`, `Host: ${host}`, 'Connection: close', 'Content-Length: 0']);
    expect((await as(`localhost:${port}`)).status).toBe(200);
    expect((await as(`[::1]:${port}`)).status).toBe(200);
    for (const host of ['elsewhere.example', `127.0.0.1.elsewhere.example:${port}`, `192.168.0.7:${port}`]) {
      expect((await as(host)).status, host).toBe(403);
    }
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await as('localhost', method)).status, method).toBe(405);
    }
    const head = await as('localhost', 'HEAD');
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
  });

  test('cannot be reached by this machine’s other addresses', async () => {
    expect(new URL(serving.address).hostname).toBe('127.0.0.1');
    const others = Object.values(networkInterfaces()).flatMap((list = []) =>
      list.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
    );
    for (const address of others) {
      const reached = await new Promise((resolve) => {
        const socket = connect({ port, host: address, timeout: 2000 }, () => resolve(true));
        socket.on('error', () => resolve(false)).on('timeout', () => resolve(false));
        onTestFinished(() => void socket.destroy());
      });
      expect(reached, address).toBe(false);
    }
  });

  test('says which port is in use, and what to build', async () => {
    const { page } = layOut(temporaryFolder());
    await expect(startServing({ page, port })).rejects.toThrow(
      /port \d+ is in use; choose another with --port/,
    );
    await expect(startServing({ page: temporaryFolder(), port: 0 })).rejects.toThrow(/npm run build/);
  });

  test('ends though a connection is open', async () => {
    const { page } = layOut(temporaryFolder());
    const other = await startServing({ page, port: 0 });
    const socket = connect(Number(new URL(other.address).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    await other.close();
    await closed;
  });
});
