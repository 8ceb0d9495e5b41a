/** The losses that our networks know; others come from outside as an OutputLoss. */
export const losses = ['mse', 'cross-entropy'] as const;
export type Loss = (typeof losses)[number];
