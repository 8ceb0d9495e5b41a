/** What a browser would have: a document to draw with, and an encoder of pictures. */
import { encode } from 'fast-png';
import { parseHTML } from 'linkedom';
import type { ReportTools } from '../report/tools.js';

export function drawingTools(): ReportTools {
  const { document } = parseHTML('<!doctype html><html></html>');
  return {
    document: document as unknown as Document,
    png: ({ width, height, data }) =>
      Buffer.from(encode({ width, height, data: new Uint8Array(data), channels: 4, depth: 8 })).toString(
        'base64',
      ),
  };
}
