/** A folder for one test, removed after it. */
export { temporaryFolder } from '../run/temporary.js';
