/** What only Node can do: data sets on disk and from the network, and runs with their folders. */
export * from './data/node/index.js';
export * from './run/index.js';
