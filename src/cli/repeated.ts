/** For an option that may be given more than once: all its values, in the order given. */
export const repeated = (value: string, before: string[] = []): string[] => [...before, value];
