/** Downloads where the network is reached through a proxy alone, which is a small one on the loopback interface. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { download } from '../../src/data/node/download.js';
import type { DataFile } from '../../src/data/node/registry.js';
import { mirror, serve } from './mirror.js';
import { temporaryFolder } from './temporary.js';

const content = randomBytes(50_000);
const zipped = gzipSync(content);
const file: DataFile = {
  file: 'images',
  bytes: content.length,
  checksum: { algorithm: 'sha256', hex: createHash('sha256').update(content).digest('hex') },
  remote: 'images.gz',
};

interface Seen {
  readonly asked: string;
  readonly authorization: string | undefined;
}

/** A proxy that forwards plain requests and opens tunnels, unless told to refuse them. */
async function proxy(options: { refuse?: boolean } = {}): Promise<{ host: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request;
    seen.push({ asked: `${method} ${url}`, authorization: headers['proxy-authorization'] });
    request.pipe(
      ask(url, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  server.on('connect', (request, socket) => {
    seen.push({
      asked: `CONNECT ${request.url}`,
      authorization: request.headers['proxy-authorization'],
    });
    socket.on('error', () => {});
    if (options.refuse) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

beforeEach(() => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toLowerCase(), '');
  }
  onTestFinished(() => void vi.unstubAllEnvs());
});

describe('a download', () => {
  test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('takes the proxy in %s', async (variable) => {
    const [server, { host, seen }] = [await mirror(serve(zipped)), await proxy()];
    vi.stubEnv(variable, `http://${host}`);
    const path = await download(file, [server.address], await temporaryFolder());
    expect((await readFile(path)).equals(zipped)).toBe(true);
    expect(seen.map(({ asked }) => asked)).toEqual([`GET ${server.address}images.gz`]);
  });

  test('takes a proxy that is named without http://, with a user name and a password', async () => {
    const [server, { host, seen }] = [await mirror(serve(zipped)), await proxy()];
    vi.stubEnv('HTTP_PROXY', `me:secret@${host}`);
    await download(file, [server.address], await temporaryFolder());
    expect(seen[0].authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  });

  test('opens a tunnel for HTTPS, and says which proxy refused it, but not the password', async () => {
    const { host, seen } = await proxy({ refuse: true });
    vi.stubEnv('https_proxy', `http://me:secret@${host}`);
    const failing = download(file, ['https://data.example/'], await temporaryFolder());
    await expect(failing).rejects.toThrow(`HTTPS_PROXY=http://${host}`);
    await expect(failing).rejects.toThrow(/Proxy response \(407\)/);
    await expect(failing).rejects.not.toThrow('secret');
    expect(seen.map(({ asked }) => asked)).toEqual(['CONNECT data.example:443']);
  });

  test.each(['127.0.0.1', '*', 'other.example, 127.0.0.1'])(
    'goes round the proxy for NO_PROXY=%s',
    async (hosts) => {
      const [server, { host, seen }] = [await mirror(serve(zipped)), await proxy()];
      vi.stubEnv('HTTP_PROXY', host);
      vi.stubEnv('no_proxy', hosts);
      await download(file, [server.address], await temporaryFolder());
      expect(seen).toEqual([]);
      expect(server.ranges).toHaveLength(1);
    },
  );

  test('does not send plain requests through a proxy for HTTPS', async () => {
    const [server, { host, seen }] = [await mirror(serve(zipped)), await proxy()];
    vi.stubEnv('HTTPS_PROXY', host);
    await download(file, [server.address], await temporaryFolder());
    expect(seen).toEqual([]);
  });

  test.each(['socks5://127.0.0.1:1080', 'http://', 'no host'])('refuses %s as a proxy', async (address) => {
    vi.stubEnv('HTTPS_PROXY', address);
    const failing = download(file, ['https://data.example/'], await temporaryFolder());
    await expect(failing).rejects.toThrow(/HTTPS_PROXY names no HTTP proxy: write it as http:\/\/host:port/);
  });
});
