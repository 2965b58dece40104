import { median, percentile } from '../load.ts';
import { amount } from './fill.ts';
import type { Times } from './measure.ts';

/** How one case fares at each size. */
export interface Growth {
  name: string;
  sizes: { size: number; p50_ms: number; p99_ms: number; p50_ratio: number; p99_ratio: number }[];
  /** The smallest and the greatest ratio of the medians that a single round gave, from the smallest size to the largest. */
  noise: [number, number];
  samples: number;
}

/** Medians over the rounds; the ratios are those within a round, since only there both sizes met the same machine. */
export function growthOf({ name, rounds }: Times, sizes: readonly number[]): Growth {
  const ratios = (place: number, share: number): number[] =>
    rounds.map((times) => quantile(times[place], share) / quantile(times[0], share));
  const last = ratios(sizes.length - 1, 0.5);
  return {
    name,
    sizes: sizes.map((size, place) => ({
      size,
      p50_ms: median(rounds.map((times) => quantile(times[place], 0.5))),
      p99_ms: pooled(rounds, place),
      p50_ratio: median(ratios(place, 0.5)),
      p99_ratio: pooled(rounds, place) / pooled(rounds, 0),
    })),
    noise: [Math.min(...last), Math.max(...last)],
    samples: rounds.reduce((sum, times) => sum + (times[0]?.length ?? 0), 0),
  };
}

/** A Markdown table, ready for docs/performance.md. */
export function formatGrowth(growths: readonly Growth[]): string {
  const sizes = growths[0]?.sizes.map(({ size }) => size) ?? [];
  const larger = sizes.slice(1).map(amount);
  const header = [
    'request',
    `p50, p99 at ${amount(sizes[0] ?? 0)} (ms)`,
    ...larger.flatMap((size) => [`p50 at ${size}`, `p99 at ${size}`]),
    'p50 of the rounds',
    'samples',
  ];
  const lines = growths.map(({ name, sizes: [smallest, ...others], noise, samples }) => [
    `\`${name.split(',')[0]}\`${name.includes(',') ? name.slice(name.indexOf(',')) : ''}`,
    `${smallest?.p50_ms.toFixed(2)}, ${smallest?.p99_ms.toFixed(2)}`,
    ...others.flatMap(({ p50_ratio, p99_ratio }) => [`${p50_ratio.toFixed(2)} ×`, `${p99_ratio.toFixed(2)} ×`]),
    `${noise[0].toFixed(2)}–${noise[1].toFixed(2)}`,
    String(samples),
  ]);
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Of all rounds together: a round alone has too few for its slowest percent. */
function pooled(rounds: readonly number[][][], place: number): number {
  return quantile(
    rounds.flatMap((times) => times[place] ?? []),
    0.99,
  );
}

function quantile(times: readonly number[] = [], share: number): number {
  return percentile(
    times.toSorted((a, b) => a - b),
    share,
  );
}
