/** A decoded picture. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for red, green, blue. */
  readonly channels: 1 | 3;
  /** Row by row from the top, a pixel's channels side by side. */
  readonly bytes: Uint8Array;
  /**
   * Set where the file is partly transparent and what is drawn on it is so dark that little of it is left on black,
   * the ground that transparent pixels are shown on.
   */
  readonly vanishes?: boolean;
}
