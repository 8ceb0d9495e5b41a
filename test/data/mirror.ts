/** A mirror on the loopback interface whose behaviour a test decides, request by request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Mirror {
  /** The address, ending in `/`. */
  readonly address: string;
  /** The Range header of each request so far; undefined for one without. */
  readonly ranges: (string | undefined)[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server that gives its n-th request to the n-th answer, and all further ones to the last. */
export async function mirror(...answers: Answer[]): Promise<Mirror> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    answers[Math.min(ranges.length, answers.length - 1)](request, response);
    ranges.push(request.headers.range);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ranges };
}

/** Answers as a good server does: the whole file, or the range that is asked for. */
export function serve(bytes: Uint8Array): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start > 0 && start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const rest = bytes.subarray(start);
    const headers = { 'content-length': rest.length };
    if (start === 0) response.writeHead(200, headers);
    else
      response.writeHead(206, {
        ...headers,
        'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      });
    response.end(rest);
  };
}

/** Answers with the whole file, whatever part is asked for. */
export function serveWithoutRanges(bytes: Uint8Array): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  };
}

/** Promises the whole file, sends `length` bytes, and cuts the connection. */
export function cutAfter(bytes: Uint8Array, length: number): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, length), () => setTimeout(() => response.destroy(), 20));
  };
}

/** Promises the whole file, sends `length` bytes, and then nothing. */
export function stallAfter(bytes: Uint8Array, length: number): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, length));
  };
}

/** Answers with a status and no file. */
export function refuse(status: number): Answer {
  return (_request, response) => {
    response.writeHead(status).end('no such file');
  };
}
