/** What every chart can be told. By itself, so that the charts' public types name no type of the library that draws them. */
export interface ChartOptions {
  /** What to draw with; the browser's by default. */
  readonly document?: Document | undefined;
  /** In pixels; the chart shrinks with its container but does not grow beyond it. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Instead of the chart's own. */
  readonly title?: string | undefined;
  /** `false` where a caption says what the marks are. */
  readonly legend?: boolean | undefined;
}
