/** The states of a layer in memory, and what may nudge them from outside. */

/** The buffers of one layer for up to `capacity` items. */
export interface Layer {
  readonly width: number;
  readonly stride: number;
  /** The states. */
  s: number;
  /** rho(s); `s` itself with the hard sigmoid, whose states are in [0, 1]. */
  rho: number;
  mask: number;
  /** rho(s_{l-1}) W_l + b_l. */
  drive: number;
  /** What comes from above. */
  feedback: number;
  /** The largest change of a state in the last move, of each thread's states. */
  readonly change: number;
}

/** A nudge towards d that is not a force on states of their own, but reaches the top layer as feedback. */
export interface ReadoutNudge {
  /** Writes beta times the pull of the readout on the top layer, whose values are `rho`, into `feedback`. */
  feedback(size: number, beta: number, rho: number, feedback: number): void;
}
