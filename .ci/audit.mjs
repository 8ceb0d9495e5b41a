// Fails when a package that is installed has a known vulnerability. Some registries answer no such question; then it says so.
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8' });
const report = JSON.parse(stdout || '{}');
const found = report.metadata?.vulnerabilities;
if (found === undefined) {
  console.log(
    `npm audit: skipped, the registry does not answer (${report.message ?? report.error?.summary ?? 'no report'})`,
  );
} else if (found.total > 0) {
  console.error(
    `npm audit: ${found.total} vulnerable packages: ${Object.keys(report.vulnerabilities).join(', ')}`,
  );
  process.exit(1);
} else console.log('npm audit: clean');
