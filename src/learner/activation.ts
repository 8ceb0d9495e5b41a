/** The activations that networks here know. */
export const activations = ['identity', 'relu', 'hard-sigmoid', 'sigmoid', 'tanh'] as const;

export type Activation = (typeof activations)[number];
