import type { Pixels } from '../images/imageGrid.js';

/** What a report is drawn with. */
export interface ReportTools {
  /** To make elements of charts with. */
  readonly document: Document;
  /** A picture as the bytes of a PNG file, in base64. */
  readonly png: (pixels: Pixels) => string;
}
