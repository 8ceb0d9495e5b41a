/** What only Node can do: data sets on disk and from the network. Runs and their folders are in `selftarget-cli`. */
export * from './data/node/index.js';
