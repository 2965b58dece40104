import { formatBudget } from '../../app/budget.ts';
import { type Finding, ok, warn } from '../finding.ts';
import type { Observation } from '../observation.ts';

const MIB = 1024 * 1024;
/** Below it the runtime itself takes most of the memory. */
const LEAST_MEMORY_BYTES = 192 * MIB;
const LEAST_CONNECTIONS = 256;

/** Whether a process has room for its work: memory by its control group, descriptors by its limit of open files. */
export function checkBudget({ budget, config }: Observation): Finding[] {
  const findings: Finding[] = [];
  if (budget.memory_bytes < LEAST_MEMORY_BYTES)
    findings.push(
      warn(
        'memory',
        `One process has ${Math.floor(budget.memory_bytes / MIB)} MiB of memory, and needs 192 MiB under load`,
        config.workers > 1 ? 'lower WORKERS, or raise the memory limit' : 'raise the memory limit of the container',
      ),
    );
  if (budget.connections < LEAST_CONNECTIONS)
    findings.push(
      warn(
        'open_files',
        `One process takes ${budget.connections} client connections, since it may open ${budget.open_files} files`,
        'ulimit -n 65536, LimitNOFILE=65536 in systemd, or `ulimits` in Compose',
      ),
    );
  if (findings.length === 0) findings.push(ok('budget', `One process may use: ${formatBudget(budget).join(' · ')}`));
  return findings;
}
