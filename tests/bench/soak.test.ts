import { describe, expect, it } from 'vitest';
import { formatChecks, formatParts, judgeSamples } from '../../bench/soak/report.ts';
import type { Sample } from '../../bench/soak/samples.ts';

const MB = 1024 * 1024;

/** Samples of so many minutes, one each ten seconds, that differ from a quiet hour by what is given for each of them. */
function samplesOf(minutes: number, differ: (at_minutes: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({ length: minutes * 6 }, (_, n) => ({
    at_seconds: (n + 1) * 10,
    rss_mb: 150 + (n % 7),
    heap_mb: 40 + (n % 5),
    descriptors: 50 - (n % 3),
    pool_used: 1,
    pool_idle: 4,
    pool_waiting: 0,
    connections: 5 + (n % 3),
    forgotten: 0,
    p50_ms: 2,
    p99_ms: 9,
    answers: 1500,
    process_start: 1,
    upkeep_failures: 0,
    tables: tablesOf(MB),
    ...differ((n + 1) / 6),
  }));
}

function tablesOf(bytes: number): Sample['tables'] {
  return new Map(
    ['kit_notes', 'sessions', 'rate_limits', 'login_failures', 'audit_events'].map((name) => [
      name,
      { bytes, live: 100, dead: 10, vacuums: 1 },
    ]),
  );
}

const failed = (samples: readonly Sample[]): string[] =>
  judgeSamples(samples)
    .filter(({ holds }) => holds === false)
    .map(({ what }) => what);

describe('the verdict on an hour of load', () => {
  it('finds nothing in one that goes up and down', () => {
    expect(formatChecks(judgeSamples(samplesOf(60)))).not.toMatch(/FAILED|too short/);
  });

  it.each<[string, (at_minutes: number) => Partial<Sample>, RegExp]>([
    ['memory that grows', (minutes) => ({ rss_mb: 150 + minutes }), /^memory in MB stays/],
    ['files that stay open', (minutes) => ({ descriptors: 50 + minutes / 2 }), /^open files stay/],
    ['another process', (minutes) => ({ process_start: minutes > 40 ? 2 : 1 }), /^the process is the same/],
    ['too many connections', (minutes) => ({ connections: minutes === 30 ? 16 : 5 }), /^at most 15 connections/],
    ['a forgotten transaction', (minutes) => ({ forgotten: minutes === 7 ? 1 : 0 }), /^nobody is forgotten/],
    ['upkeep that failed', (minutes) => ({ upkeep_failures: minutes > 50 ? 1 : 0 }), /^the audit table is kept up/],
  ])('finds %s, and nothing else', (_, differ, what) => {
    expect(failed(samplesOf(60, differ))).toEqual([expect.stringMatching(what)]);
  });

  it('finds tables that should stay as they are and do not', () => {
    const found = failed(samplesOf(60, (minutes) => ({ tables: tablesOf(minutes * MB) })));
    expect(found).toEqual(
      ['kit_notes', 'sessions', 'rate_limits', 'login_failures'].map((name) =>
        expect.stringMatching(new RegExp(`^the table ${name} `)),
      ),
    );
  });

  it('says of a short one that it cannot tell, rather than that all is well', () => {
    const checks = judgeSamples(samplesOf(5, (minutes) => ({ rss_mb: 100 * minutes })));
    expect(checks.find(({ what }) => what.startsWith('memory in MB stays'))?.holds).toBe(undefined);
    expect(formatChecks(checks)).toMatch(/^too short +memory in MB stays/m);
  });

  it('says of a system without /proc that it tells no memory and no files', () => {
    const samples = samplesOf(60, () => ({ rss_mb: Number.NaN, descriptors: Number.NaN }));
    expect(failed(samples)).toEqual([]);
    expect(formatChecks(judgeSamples(samples))).toMatch(/^not told +memory in MB stays.*: not told by this system$/m);
    expect(formatParts(samples)).not.toMatch(/NaN|Infinity/);
  });
});
