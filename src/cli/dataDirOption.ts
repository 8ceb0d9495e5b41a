/** The option that several commands share. */
export const dataDirOption = ['--data-dir <folder>', 'directory that holds the data sets'] as const;
