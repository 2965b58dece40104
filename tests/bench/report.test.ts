import { describe, expect, it } from 'vitest';
import { formatReport } from '../../bench/report.ts';

describe('the table of a benchmark', () => {
  it('has a dash for memory and processor time that the system does not tell', () => {
    const result = { rate: 1000, p50_ms: 1, p99_ms: 2, answers: 10, cpu_ms: Number.NaN, peak_memory_mb: Number.NaN };
    const report = formatReport({
      rows: [{ name: '/kit-notes', connections: 8, runs: [{ back: result }] }],
      ready_ms: [],
    });
    expect(report).not.toContain('NaN');
    expect(report).toMatch(/back\s+1000\s+1\.00\s+2\.00\s+–\s+–/);
  });
});
