/** The activations that networks here know, in the order in which the kernels number them. */
export const activations = ['identity', 'relu', 'hard-sigmoid', 'sigmoid', 'tanh'] as const;

export type Activation = (typeof activations)[number];
