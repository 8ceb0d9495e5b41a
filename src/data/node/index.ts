/**
 * Data sets that are files: where they are on this machine, how they get there, and what is known by name. The only
 * part of the data folder that may use Node; a browser page uses `../index.ts` with bytes that it got itself.
 */
export { type Checksum, type ContentDigest, digestContent, readVerified } from './content.js';
export { type DownloadOptions, type DownloadProgress, download } from './download.js';
export {
  type DataSetStatus,
  describeDataSet,
  fetchDataSet,
  type LoadOptions,
  listDataSets,
  loadDataSet,
  loadEntry,
} from './load.js';
export {
  cacheFolder,
  type Located,
  locateFile,
  type Place,
  type Surroundings,
  searchPlaces,
} from './locate.js';
export { checkDataSetName, isPath, loadOwnData, type OwnDataLoadOptions } from './ownData.js';
export { type DataFile, type DataSetEntry, dataSetEntries, findDataSet } from './registry.js';
export { DiskError } from './transfer.js';
